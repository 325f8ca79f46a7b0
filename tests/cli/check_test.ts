/** `banjo check`, run as a program: what it says of filters that are unsafe or useless. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { missingLogProblems } from "../../lib/cli/missing_logs.ts";
import { formatProblem, loadConfig, type Problem } from "../../lib/config/mod.ts";
import { banjo } from "../banjo.ts";

const UNSAFE = `failregex = [
  '^Good login for \\S+ from <ADDR>$',
  '^Bad login for .* from <ADDR>',
]
[[samples]]
message = 'Good login for alice from 192.0.2.7'
host = "192.0.2.7"
[[samples]]
message = 'Bad login for alice from 192.0.2.7'
host = "192.0.2.7"
`;

const WARNING =
  "failregex 2: .* in front of the address takes any text, and no $ says where the line ends: " +
  "end the pattern with $ and spell out what the service writes behind the address";

Deno.test("check warns of a pattern that a stranger can misuse, with its place and a line that shows it", async () => {
  await using folder = await newFolder({ "filters/app.toml": UNSAFE });
  const { code, stdout } = await banjo(["check", "--config", folder.path]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, `${folder.path}/filters/app.toml:3:3: warning: ${WARNING}\n`);
  assertMatch(
    stdout,
    /\n {4}it blames 203\.0\.113\.9 for the line: Bad login for x from 192\.0\.2\.7 from 203\.0\.113\.9\n/,
  );
  assertStringIncludes(stdout, "All is well.");
});

Deno.test("check tells scripts of flaws", async () => {
  await using folder = await newFolder({ "filters/app.toml": UNSAFE });
  const { code, json: [result] } = await banjo(["check", "--config", folder.path, "--json"]);
  assertEquals(code, 0);
  assertEquals(result.fine, true);
  assertEquals(result.flaws, [{
    kind: "host",
    pattern: 1,
    message: WARNING.slice("failregex 2: ".length),
    forgery: {
      line: "Bad login for x from 192.0.2.7 from 203.0.113.9",
      host: "203.0.113.9",
    },
    filter: "app",
    place: { file: `${folder.path}/filters/app.toml`, line: 3, column: 3 },
  }]);
});

Deno.test("check looks at the patterns of jails that are switched on", async () => {
  const jail = (name: string, enabled: boolean) =>
    `[${name}]\nenabled = ${enabled}\nfiles = ["/var/log/app.log"]\nfailregex = '<ADDR> failed$'\n`;
  const jails = jail("app", true) + jail("other", false);
  await using folder = await newFolder({ "jails/app.toml": jails });
  const { code, stdout } = await banjo(["check", "--config", folder.path]);
  assertEquals(code, 0);
  assertStringIncludes(
    stdout,
    `${folder.path}/jails/app.toml:4:13: warning: [app] failregex 1: it has no ^ `,
  );
  assertEquals(stdout.includes("[other]"), false);
});

Deno.test("check warns of a log that is not there, where it is written", async () => {
  await using folder = await newFolder({ "app.log/current": "", "jails/app.toml": "" });
  const log = `${folder.path}/app.log/current`;
  const jail = (name: string, files: string) =>
    `[${name}]\nenabled = true\nfiles = ${files}\nfailregex = '^ <ADDR> failed$'\n`;
  await Deno.writeTextFile(
    `${folder.path}/jails/app.toml`,
    jail("app", `[\n  "${log}",\n  "${folder.path}/app.lgo/*",\n]`) +
      jail("off", `"${folder.path}/off.log"`).replace("true", "false"),
  );
  const { code, stdout } = await banjo(["check", "--config", folder.path]);
  assertEquals(code, 0);
  const why = `there is no ${folder.path}/app.lgo/*, so nothing is read until there is`;
  assertEquals(
    stdout.split("\n")[0],
    `${folder.path}/jails/app.toml:5:3: warning: [app] files: ${why}`,
  );
  assertEquals(stdout.match(/there is no/g)?.length, 1);
});

Deno.test("check tells all that is wrong with a jail at once", async () => {
  const jail = "[app]\nenabled = true\nmaxretry = 0\nfiles = 'app.log'\nipv4_prefix = 4\n";
  await using folder = await newFolder({
    "jails/a.toml": `${jail}failregex = ['^ ok <ADDR>$', '^ <ADDR> (']\n`,
    "jails/b.toml": "[other]\nfilter = 'nowhere'\nbanned_by = 'nobody'\n",
  });
  const { code, stdout } = await banjo(["check", "--config", folder.path]);
  assertEquals(code, 2);
  const places = [...stdout.matchAll(/\/([ab]\.toml:\S+) \[\w+\] ([^:]*)/g)];
  assertEquals(places.map(([, place, about]) => `${place} ${about}`).sort(), [
    "a.toml:3:12: maxretry",
    "a.toml:4:9: files",
    "a.toml:6:30: failregex 2",
    "b.toml:2:10: filter",
    "b.toml:3:13: banned_by",
  ]);
});

Deno.test("check is content where a log is at one of the places that ship", async () => {
  await using folder = await newFolder({
    "logs/a.log": "",
    "jails/app.toml": "[app]\nenabled = true\n",
  });
  const files = ["a", "b"].map((name) => `${folder.path}/logs/${name}.log`);
  const shipped = {
    filters: { app: "failregex = '^ <ADDR> failed$'" },
    jails: { app: `[app]\nfiles = ${JSON.stringify(files)}\n` },
  };
  const warnings: Problem[] = [];
  const load = () =>
    loadConfig(folder.path, {
      shipped,
      inspectJail: (...jail) => warnings.push(...missingLogProblems(jail)),
    });
  await load();
  assertEquals(warnings, []);
  await Deno.remove(files[0]!);
  await load();
  assertEquals(
    warnings.map(formatProblem),
    files.map((file) =>
      `${folder.path}/jails/app.toml:1:2: warning: [app] files: there is no ${file}, ` +
      "so nothing is read until there is"
    ),
  );
});

Deno.test("check counts the administrator's own filters, not those that are shipped", async () => {
  await using folder = await newFolder({});
  const { code, stdout } = await banjo(["check", "--config", folder.path]);
  assertEquals([code, stdout], [0, "0 jails enabled: none\nAll is well.\n"]);
  await using other = await newFolder({
    "filters/app.toml": UNSAFE.replace('"192.0.2.7"', '"192.0.2.8"'),
  });
  const result = await banjo(["check", "--config", other.path]);
  assertEquals(result.code, 2);
  assertStringIncludes(result.stdout, "\n1 filter of your own, 2 samples, 1 failure\n");
  const fault = "sample 1: must match 192.0.2.8: found 192.0.2.7";
  assertStringIncludes(result.stdout, `${other.path}/filters/app.toml:5:3: ${fault}\n`);
});

async function newFolder(files: Readonly<Record<string, string>>) {
  const path = await Deno.makeTempDir({ prefix: "banjo-check-" });
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(`${path}/${name.replace(/\/.*$/, "")}`, { recursive: true });
    await Deno.writeTextFile(`${path}/${name}`, text);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
