import { Ajv } from "ajv";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadConfig } from "../../lib/config/mod.ts";
import {
  agentKeys,
  filterKeys,
  incrementKeys,
  jailKeys,
  type Keys,
  tableType,
} from "../../lib/config/schema.ts";
import { parseToml } from "../../lib/config/toml.ts";
import { documents } from "../../packaging/documents/mod.ts";
import { editorSchemas } from "../../packaging/documents/editor_schemas.ts";
import { run } from "../network.ts";
import { testAsRoot } from "../root.ts";

const checkout = new URL("../../", import.meta.url);

Deno.test("what is written from commands and schema is as they are now: else `deno task documents`", async () => {
  const wanted = await documents();
  for (const [path, text] of wanted) {
    assertEquals(await Deno.readTextFile(new URL(path, checkout)), text, path);
  }
  for (const folder of ["docs/man", "docs/schema"]) {
    for await (const { name } of Deno.readDir(new URL(folder, checkout))) {
      assert(wanted.has(`${folder}/${name}`), `${folder}/${name} is about nothing`);
    }
  }
});

testAsRoot("man shows every page without a warning", { programs: ["man"] }, async () => {
  for (const [path, text] of await documents()) {
    if (!path.startsWith("docs/man/")) continue;
    const file = new URL(path, checkout).pathname;
    const man = ["env", "MANWIDTH=80", "LC_ALL=C.UTF-8", "man", "--warnings=w", "-l", file];
    const { code, stdout, stderr } = await run(man);
    assertEquals([code, stderr], [0, ""], path);
    assertStringIncludes(stdout, "NAME");
    assert(stdout.split("\n").length > text.split("\n").length / 4, path);
  }
});

Deno.test("shipped files are what the editors' schemas say, and mistakes are not", async () => {
  const ajv = new Ajv({ strict: false, allowUnionTypes: true });
  const { banjo, jails, filter } = editorSchemas();
  const isJails = ajv.compile(jails!);
  const isFilter = ajv.compile(filter!);
  const isMain = ajv.compile(banjo!);
  const judge = (validate: typeof isMain, text: string) => [validate(parse(text)), validate.errors];

  for (const [folder, validate] of [["jails", isJails], ["filters", isFilter]] as const) {
    for await (const { name } of Deno.readDir(new URL(folder, checkout))) {
      const text = await Deno.readTextFile(new URL(`${folder}/${name}`, checkout));
      assertEquals(judge(validate, text), [true, null], name);
    }
  }
  const installed = await Deno.readTextFile(new URL("packaging/config/banjo.toml", checkout));
  assertEquals(judge(isMain, installed), [true, null]);
  assertEquals(judge(isMain, '[agent]\non_stop = "keep"')[0], true);

  for (
    const wrong of [
      "[a]\nmaxretry = 0",
      "[a]\nmaxretri = 3",
      '[a]\nfirewall = "iptables"',
      "[a]\nfindtime = true",
      '[a]\nfiles = ["relative.log"]',
      "[a.bantime_increment]\nfactor = 0.5",
      "[a]\nfilter = { mode = 'x' }",
      "['a b']\nenabled = true",
    ]
  ) assertEquals(isJails(parse(wrong)), false, wrong);
  for (const right of ["[a]\nbantime = -1", "[a]\nports = 22", "[a]\nbantime_increment = true"]) {
    assertEquals(isJails(parse(right)), true, right);
  }
});

Deno.test("every shipped file names the schema that it keeps to, for editors", async () => {
  const folders = ["jails", "filters", "packaging/config", "packaging/config/jails"];
  for (const folder of folders) {
    for await (const { name, isFile } of Deno.readDir(new URL(folder, checkout))) {
      if (!isFile) continue;
      const file = new URL(`${folder}/${name}`, checkout);
      const [, named] = /^#:schema (\S+)\n/.exec(await Deno.readTextFile(file)) ?? [];
      // What install.sh puts on a server names what it puts there as well.
      const schema = named?.replace(/^file:\/\/\/usr\/local\/share\/banjo\//, "/docs/");
      if (schema === undefined) throw new Error(`${folder}/${name} names no schema`);
      const path = schema.startsWith("/") ? new URL(`.${schema}`, checkout) : new URL(schema, file);
      assert((await Deno.stat(path)).isFile, `${folder}/${name}: ${named}`);
    }
  }
});

Deno.test("what the schema says is the default is what happens without the key", async () => {
  const ways = [
    ["jails/own.toml", (line: string) => `[own]\n${line}`, jailKeys],
    [
      "jails/own.toml",
      (line: string) => `[own]\n[own.bantime_increment]\nfactor = 2.0\n${line}`,
      { ...incrementKeys, factor: undefined },
    ],
    ["banjo.toml", (line: string) => `[agent]\n${line}`, agentKeys],
    ["filters/own.toml", (line: string) => `failregex = '^x <ADDR>'\n${line}`, filterKeys],
  ] as const;
  let count = 0;
  for (const [path, around, keys] of ways) {
    const known = Object.fromEntries(Object.entries(keys).filter(([, value]) => value));
    const silent = await load(path, around(""));
    assert(silent.jails.has("own"));
    for (const [key, initial] of defaultsOf(known as Keys)) {
      count++;
      const outspoken = await load(path, around(`${key} = ${JSON.stringify(initial)}`));
      assertEquals(outspoken.problems, silent.problems, key);
      assertEquals(outspoken.jails.get("own"), silent.jails.get("own"), key);
      assertEquals(outspoken.agent, silent.agent, key);
    }
  }
  assert(count > 20, String(count));
});

function defaultsOf(keys: Keys): [string, unknown][] {
  const { properties } = tableType(keys) as { properties: Record<string, { default?: unknown }> };
  return Object.entries(properties).filter(([, type]) => type.default !== undefined)
    .map(([key, type]) => [key, type.default]);
}

/** A configuration with one file in question, and what makes it a whole one. */
async function load(path: string, text: string): ReturnType<typeof loadConfig> {
  const folder = await Deno.makeTempDir({ prefix: "banjo-config-" });
  try {
    const files = {
      "jails/all.toml": "[own]\nfiles = '/var/log/own.log'\n",
      "filters/own.toml": "failregex = '^x <ADDR>'\n",
      [path]: text,
    };
    for (const [name, content] of Object.entries(files)) {
      const file = `${folder}/${name}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, content);
    }
    return await loadConfig(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function parse(text: string): unknown {
  return parseToml(text).value;
}
