/** docs/json.md, docs/state.md and docs/protocol.md against what a running agent prints, saves and answers. */
import { assert, assertEquals } from "@std/assert";
import { loadCommands } from "../../lib/cli/commands.ts";
import { controlHandlers } from "../../lib/agent/handlers.ts";
import { TestAgent } from "../agent.ts";
import { banjo, type Json } from "../banjo.ts";

/** Of a moment ago: what commands show by themselves is of the last days. */
const LOG = `${new Date(Date.now() - 60_000).toISOString()} 192.0.2.7 alice failed\n`.repeat(3);
const FILTER = "failregex = ['^ <ADDR> <F-USER>\\S+</F-USER> failed', " +
  "'^ <ADDR> <F-USER>\\S+</F-USER> <F-MLFGAINED>entered</F-MLFGAINED> <F-MLFID>\\S+</F-MLFID>']\n" +
  "[[samples]]\n" +
  "line = '2026-11-21 01:29:12 192.0.2.8 alice failed'\nhost = '192.0.2.7'\n";

Deno.test("every key that --json prints is documented, and every command that prints JSON", async () => {
  const sections = sectionsOf(await page("json"));
  await using agent = await TestAgent.create({ config: {} });
  const log = `${agent.folder}/app.log`;
  await Deno.writeTextFile(log, LOG);
  await agent.configure({
    "banjo.toml": '[defaults]\nfirewall = "dry-run"\n',
    "jails/app.toml": `[app]\nenabled = true\nfiles = ["${log}"]\nmaxretry = 3\nfindtime = "1y"\n` +
      "bantime = 'forever'\n",
    "filters/app.toml": FILTER,
  });
  await agent.run();
  await agent.waitFor("a ban", async () => (await agent.banned()).includes("192.0.2.7"));
  await Deno.mkdir(`${agent.folder}/fail2ban/filter.d`, { recursive: true });
  await Deno.writeTextFile(`${agent.folder}/fail2ban/jail.conf`, IMPORTED);
  await Deno.writeTextFile(
    `${agent.folder}/fail2ban/filter.d/app.conf`,
    "[Definition]\nfailregex = ^ <HOST> failed$\n",
  );

  // One who has failed seems legitimate by his requests, one by his login.
  const visits = `${agent.folder}/visits.log`;
  const visit = '192.0.2.7 - - [-] "GET / HTTP/1.1" 200 1\n';
  const other = LOG.replaceAll("192.0.2.7", "192.0.2.9");
  const login = other.split("\n")[0]!.replace("failed", "entered s1\n");
  await Deno.writeTextFile(visits, LOG + visit.repeat(9) + other + login);

  await Deno.writeTextFile(`${agent.folder}/list`, "198.51.100.7\n");
  await agent.cli("blocklist", "add", `${agent.folder}/list`);
  const config = ["--config", agent.config, "--json"];
  const printed: Record<string, readonly Json[]> = {
    "banjo status": await agent.query("status"),
    "banjo status JAIL": await agent.query("status", "app"),
    "banjo bans": await agent.query("bans"),
    "banjo explain": await agent.query("explain", "192.0.2.7"),
    "banjo history": await agent.query("history"),
    "banjo report": await agent.query("report", "--config", agent.config),
    "banjo reload": await agent.query("reload"),
    "banjo events": await agent.query("events"),
    "banjo blocklist": await agent.query("blocklist", "list"),
    "banjo tune": (await banjo(["tune", "app", "--file", visits, ...config])).json,
    "banjo new-jail": (await banjo(["new-jail", "--from", log, "--json"])).json,
    "banjo test": (await banjo(["test", log, "app", ...config])).json,
    "banjo simulate": (await banjo(["simulate", "app", ...config])).json,
    "banjo import": (await banjo([
      "import",
      `${agent.folder}/fail2ban`,
      "--out",
      `${agent.folder}/out`,
      "--json",
    ])).json,
    "banjo version": (await banjo(["version", "--json"])).json,
  };
  for (const { name, flags } of await loadCommands()) {
    if ("json" in flags) assert(sections.has(`banjo ${name}`), `banjo ${name} is not documented`);
  }
  await agent.configure({ "jails/wrong.toml": "[wrong]\nmaxretry = 0\n" });
  printed["banjo check"] = (await banjo(["check", ...config])).json;
  for (const [command, objects] of Object.entries(printed)) {
    assert(objects.length > 0, `${command} printed nothing`);
    const known = sections.get(command)!;
    assert(known !== undefined, `${command} is not documented`);
    const found = new Set(objects.flatMap((object) => keysOf(object)));
    assertEquals([...found].filter((key) => !isKnown(key, known)), [], command);
    for (const [key, words] of choicesOf(await page("json"), command)) {
      for (const value of objects.flatMap((object) => valuesAt(object, key))) {
        assert(value === null || words.includes(value), `${command} ${key}: ${value}`);
      }
    }
  }
  const reasons = printed["banjo tune"]!.flatMap((each) => valuesAt(each, "legitimate[].by"));
  assertEquals(reasons, ["requests", "login"]);
});

Deno.test("what is documented of the state is in the files, and nothing else", async () => {
  const text = await page("state");
  await using agent = await TestAgent.start({
    config: { "banjo.toml": '[defaults]\nfirewall = "dry-run"\n' },
  });
  await agent.query("ban", "192.0.2.7");
  await agent.query("unban", "192.0.2.7");
  await agent.stop();
  const state = JSON.parse(await Deno.readTextFile(`${agent.state}/state.json`));
  const history = await Deno.readTextFile(`${agent.state}/history.jsonl`);
  const rows = (heading: string) => [...(sectionOf(text, heading)).matchAll(/^\| `([^`]+)`/gm)];
  const top = new Set(rows("## state.json").map(([, key]) => key!.replace(/\..*/, "")));
  assertEquals(Object.keys(state).filter((key) => !top.has(key)), []);
  const record = new Set(rows("## history.jsonl").map(([, key]) => key!));
  for (const line of history.trim().split("\n")) {
    assertEquals(Object.keys(JSON.parse(line)).filter((key) => !record.has(key)), []);
    for (const key of Object.keys(JSON.parse(line).ban)) assert(text.includes(`\`${key}\``), key);
  }
});

Deno.test("every method of the control socket is documented, and no other", async () => {
  const methods = [...(await page("protocol")).matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) =>
    name!
  );
  assertEquals(methods.toSorted(), Object.keys(controlHandlers({} as never)).toSorted());
});

const IMPORTED = `[DEFAULT]
bantime = 1h
[app]
enabled = true
logpath = /var/log/app.log
action = sendmail-whois[name=app]
[lost]
enabled = true
filter = nowhere
logpath = /var/log/lost.log
`;

function page(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../docs/${name}.md`, import.meta.url));
}

function sectionOf(text: string, heading: string): string {
  return text.slice(text.indexOf(`\n${heading}\n`) + 1).split(/\n## /)[0]!;
}

/** The documented keys by command; one section may be about several. */
function sectionsOf(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    text.split(/^## /m).slice(1).flatMap((section) => {
      const commands = [...section.split("\n")[0]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
      const rows = section.split("\n").filter((line) => line.startsWith("| `"));
      const keys = rows.flatMap((row) =>
        [...row.split(" | ")[0]!.matchAll(/`([^`]+)`/g)].map(([, key]) => key!)
      );
      return commands.map((command) => [command, new Set(keys)] as const);
    }),
  );
}

/** The keys of a command that are documented to have one of some words, such as `error` or `warning`, with these words. */
function choicesOf(
  text: string,
  command: string,
): readonly (readonly [string, readonly string[]])[] {
  const section = text.split(/^## /m).find((each) =>
    each.split("\n")[0]!.includes(`\`${command}\``)
  )!;
  return [...section.matchAll(/^\| `([^`|]+)` \| string[^|]* \| (.*) \|$/gm)]
    .filter(([, , meaning]) => / or `\w+`[.; (]/.test(meaning!))
    .map(([, key, meaning]) => [key!, [...meaning!.matchAll(/`(\w+)`/g)].map(([, word]) => word!)]);
}

/** What a value holds at such a path. */
function valuesAt(value: Json, path: string): readonly Json[] {
  return path.split(/\.|(?=\[\])/).reduce<readonly Json[]>(
    (values, part) =>
      values.flatMap((each) =>
        part === "[]" ? each : each?.[part] === undefined ? [] : [each[part]]
      ),
    [value],
  );
}

/** The paths of all that a value holds: `jails[].failed.now`. */
function keysOf(value: Json, path = ""): readonly string[] {
  if (Array.isArray(value)) {
    return value.length === 0 ? [] : value.flatMap((each) => keysOf(each, `${path}[]`));
  }
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    keysOf(inner, path === "" ? key : `${path}.${key}`)
  );
}

/** A key whose inside another page or section tells of needs no row for each part of it. */
function isKnown(key: string, known: ReadonlySet<string>): boolean {
  const elsewhere = [
    "history[]",
    "jails[].spared",
    "problems[]",
    "jails[].notes[]",
    "refused[]",
    "files",
  ];
  return known.has(key) || known.has(key.replace(/\[\]$/, "")) ||
    elsewhere.some((inner) => key.startsWith(`${inner}.`) && known.has(inner));
}
