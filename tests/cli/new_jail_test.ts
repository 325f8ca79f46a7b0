/** `banjo new-jail`, run as a program: what it writes works with check and simulate, and replaces nothing. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { banjo, banjoCommand } from "../banjo.ts";
import { PrivateJournald } from "../journald.ts";
import { testAsRoot } from "../root.ts";
import { Terminal } from "../terminal.ts";

const LOG = ["eve", "root", "x\x1b[2J", "bob"].map((user, index) =>
  `2026-11-23T10:00:0${index}Z login failed for ${user} from 198.51.100.${index + 1}\n` +
  `2026-11-23T10:00:0${index}Z login ok for alice from 203.0.113.5\n` +
  `2026-11-23T10:00:0${index}Z visit of user ${user} from 198.51.100.${index + 1}\n`
).join("");

/** A folder with a log and an empty configuration. */
async function withLog(test: (log: string, out: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "banjo-new-jail-" });
  try {
    await Deno.writeTextFile(`${folder}/door.log`, LOG);
    await Deno.mkdir(`${folder}/out`);
    await test(`${folder}/door.log`, `${folder}/out`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("new-jail writes what check accepts and simulate bans by, and never over a file", async () => {
  await withLog(async (log, out) => {
    const words = ["new-jail", "--from", log, "--out", out];
    const made = await banjo(words);
    assertEquals([made.code, made.stderr], [0, ""]);
    assertStringIncludes(made.stdout, "Matched: 4 lines about 4 addresses; missed: 8");
    assertStringIncludes(made.stdout, `banjo simulate door --config ${out}`);
    assert(!made.stdout.includes("\x1b"), made.stdout);

    const check = await banjo(["check", "--config", out]);
    assertEquals(check.code, 0, check.stdout);
    assertMatch(check.stdout, /^1 jail enabled: door$/m);
    assert(!check.stdout.includes("warning"), check.stdout);
    const simulated = await banjo([
      ...["simulate", "door", "--config", out, "--since", "10y", "--set", "maxretry=1", "--json"],
    ]);
    const bans = simulated.json.filter(({ event }) => event === "ban");
    assertEquals(bans.map(({ host }) => host), [1, 2, 3, 4].map((n) => `198.51.100.${n}`));

    const again = await banjo(words);
    assertEquals([again.code, again.stdout.includes("Written")], [2, false]);
    assertStringIncludes(again.stderr, "choose another by --name");
    const shipped = await banjo([...words, "--name", "sshd"]);
    assertEquals(shipped.code, 2);
  });
});

Deno.test("new-jail takes the patterns that are named, and prints where it may not write", async () => {
  await withLog(async (_, out) => {
    const words = ["new-jail", "--from", "-", "--name", "visits"];
    const { code, json: [made] } = await banjo([...words, "--pattern", "2", "--json"], {
      input: LOG,
    });
    assertEquals(code, 0);
    assertEquals(
      made.shapes.map(({ verdict, chosen }: { verdict: string; chosen: boolean }) => [
        verdict,
        chosen,
      ]),
      [["failure", false], ["unclear", true], ["success", false]],
    );
    assertEquals([made.written, Object.keys(made.files)], [
      false,
      ["filters/visits.toml", "jails/visits.toml"],
    ]);
    assertStringIncludes(made.files["jails/visits.toml"], "enabled = false");
    const wrong = await banjo([...words, "--pattern", "9"], { input: LOG });
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.stderr, "there are 3");
    assertEquals([...Deno.readDirSync(out)], []);
  });
});

Deno.test("new-jail proposes nothing where failures cannot be told from successes", async () => {
  const input = LOG.split("\n").filter((line) => line.includes("visit")).join("\n");
  const { code, stderr } = await banjo(["new-jail", "--from", "-"], { input });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "None of these lines says clearly that something failed");
  const nothing = await banjo(["new-jail", "--from", "-"], { input: "no address here\n" });
  assertEquals(nothing.code, 1);
  assertStringIncludes(nothing.stdout, "none names an address");
});

Deno.test("new-jail calls wrong words wrong, with exit code 2", async () => {
  for (
    const [words, complaint] of [
      [[], "give a sample by --from FILE or by --unit UNIT"],
      [["--from", "-", "--unit", "x"], "give a sample by --from FILE or by --unit UNIT"],
      [["--from", "/no/such/file"], "Cannot read --from"],
      [["--unit", "a b"], "Cannot read the unit a b"],
    ] as const
  ) {
    const { code, stderr } = await banjo(["new-jail", ...words]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, complaint);
  }
});

testAsRoot("new-jail asks on a terminal", { programs: ["script"] }, async () => {
  await withLog(async (log, out) => {
    const words = await banjoCommand("new-jail", "--from", log);
    {
      await using terminal = new Terminal([...words, "--out", out].join(" "));
      await terminal.shows("Which of these are failures [1]");
      await terminal.type("\n");
      await terminal.shows("Name of the jail [door]");
      await terminal.type("gate\n");
      await terminal.shows(`Write these files to ${out}?`);
      await terminal.type("n\n");
      await terminal.shows(/Nothing was written\.\s*$/);
      assertEquals([...Deno.readDirSync(out)], []);
    }
    await using terminal = new Terminal(words.join(" "));
    await terminal.shows("Which of these are failures [1]");
    await terminal.type("\n");
    await terminal.shows("Name of the jail [door]");
    await terminal.type("gate\n");
    await terminal.shows("Configuration folder [/etc/banjo]");
    await terminal.type(`${out}\n`);
    await terminal.shows(`Write these files to ${out}?`);
    await terminal.type("y\n");
    assertEquals(await terminal.end(), 0);
    assertEquals([...Deno.readDirSync(`${out}/jails`)].map(({ name }) => name), ["gate.toml"]);
  });
});

testAsRoot("new-jail reads a unit's messages in the journal", {}, async () => {
  await using journald = await PrivateJournald.start();
  for (const user of ["eve", "bob"]) {
    await journald.log("door", `login failed for ${user} from 198.51.100.7`, "door.service");
    await journald.log("door", `login ok for ${user} from 198.51.100.7`, "door.service");
  }
  await journald.log("window", "login denied for eve from 198.51.100.8", "window.service");
  await journald.sync();
  const place = (...command: readonly string[]) => journald.command(command).flat();
  const { json: [{ shapes, files }] } = await banjo(["new-jail", "--unit", "door", "--json"], {
    place,
  });
  assertEquals(shapes.length, 2);
  assertEquals(shapes[0].pattern, String.raw`^login failed for <F-USER>\S+</F-USER> from <ADDR>$`);
  assertStringIncludes(
    files["jails/door.toml"],
    'journalmatch = ["_SYSTEMD_UNIT=door.service"]',
  );
  assertStringIncludes(
    files["filters/door.toml"],
    'message = "login failed for eve from 192.0.2.7"',
  );
});
