/** Every key of the configuration with everything that it cannot be: each time the place is told, and nothing runs. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import * as v from "valibot";
import { banjo } from "../banjo.ts";
import {
  agentKeys,
  filterKeys,
  incrementKeys,
  jailKeys,
  journalKeys,
  type Keys,
  sampleKeys,
} from "../../lib/config/schema.ts";
import { problemsOf, withFolder } from "./folder.ts";

/** TOML of every type, and what it is read as. */
const values: Readonly<Record<string, unknown>> = {
  '"\\u0000"': "\0",
  '"x y"': "x y",
  '""': "",
  "true": true,
  "-1.5": -1.5,
  "0": 0,
  "nan": NaN,
  "-inf": -Infinity,
  "9007199254740991": 9007199254740991,
  "1979-05-27T07:32:00Z": new Date("1979-05-27T07:32:00Z"),
  "[]": [],
  "[[]]": [[]],
  "[true, {}]": [true, {}],
  "{}": {},
  '{ x = { y = "z" } }': { x: { y: "z" } },
};

interface Place {
  readonly keys: Keys;
  readonly file: string;
  /** The file with a line of `KEY = VALUE` in it. */
  write(line: string): string;
}

const sound = { filter: "failregex = '^<ADDR> x'\n", jail: "[web]\n" };
const places: Readonly<Record<string, Place>> = {
  "a jail": { keys: jailKeys, file: "jails/x.toml", write: (line) => `${sound.jail}${line}\n` },
  "[defaults]": { keys: jailKeys, file: "banjo.toml", write: (line) => `[defaults]\n${line}\n` },
  "[agent]": { keys: agentKeys, file: "banjo.toml", write: (line) => `[agent]\n${line}\n` },
  "[agent.journal]": {
    keys: journalKeys,
    file: "banjo.toml",
    write: (line) => `[agent.journal]\n${line}\n`,
  },
  "bantime_increment": {
    keys: incrementKeys,
    file: "jails/x.toml",
    write: (line) => `[web.bantime_increment]\n${line}\n`,
  },
  "a filter": {
    keys: filterKeys,
    file: "filters/x.toml",
    write: (line) => `${line.startsWith("failregex") ? "" : sound.filter}${line}\n`,
  },
  "a sample": {
    keys: sampleKeys,
    file: "filters/x.toml",
    write: (line) => `${sound.filter}[[samples]]\n${line}\n`,
  },
};

for (const [what, { keys, file, write }] of Object.entries(places)) {
  Deno.test(`each key of ${what} refuses each wrong value with its place`, async () => {
    let wrong = 0;
    for (const key of Object.keys(keys)) {
      for (const [toml, value] of Object.entries(values)) {
        const isRight = v.safeParse(keys[key]!, value).success;
        const text = write(`${key} = ${toml}`);
        const problems = await problemsOf({ [file]: text });
        if (isRight) continue;
        wrong++;
        const line = text.split("\n").findIndex((each) => each.startsWith(`${key} = `)) + 1;
        const located = problems.filter((problem) =>
          new RegExp(`^${file}:${line}:\\d+: (?!warning)`).test(problem)
        );
        assert(located.length > 0, `${key} = ${toml}: ${problems.join("\n")}`);
        for (const problem of located) {
          const column = Number(problem.split(":")[2]);
          assert(column >= 1 && column <= `${key} = ${toml}`.length + 1, problem);
          assert(problem.includes(key), problem);
          assert(!/\[object|undefined|\0/.test(problem), problem);
        }
      }
      // A slip of the finger: another letter at the end.
      const slip = `${key}q`;
      const [first = ""] = (await problemsOf({ [file]: write(`${slip} = 1`) }))
        .filter((problem) => problem.includes(slip));
      assertMatch(first, /^\S+:\d+:1: .*unknown key/, `${slip} in ${what}`);
      assert(first.includes(`did you mean \`${key}\`?`), first);
    }
    assert(wrong > 4 * Object.keys(keys).length, `${wrong}`);
  });
}

Deno.test("a configuration with a wrong value is exit code 2 for check, which says where", async () => {
  for (
    const [file, text] of [
      ["jails/x.toml", "[web]\nmaxretry = []\n"],
      ["banjo.toml", "[agent]\non_stop = 3\n"],
      ["filters/x.toml", "failregex = true\n"],
    ] as const
  ) {
    await withFolder({ [file]: text }, async (dir) => {
      const { code, stdout, stderr } = await banjo(["check", "--config", dir]);
      assertEquals(code, 2);
      assertMatch(stdout + stderr, new RegExp(`^${dir}/${file}:\\d:\\d+: `, "m"));
    });
  }
});
