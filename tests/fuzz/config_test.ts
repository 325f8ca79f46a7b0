import { assert } from "@std/assert";
import fc from "fast-check";
import {
  formatDuration,
  formatProblem,
  loadConfig,
  parseDuration,
  parseFilter,
} from "../../lib/config/mod.ts";
import { parseToml, TomlError } from "../../lib/config/toml.ts";
import { parsePort } from "../../lib/firewall/mod.ts";
import { usualOrLong } from "../long.ts";
import { damaged, fuzz } from "./fuzz.ts";

const toml = [
  `[app]
enabled = true
files = ["/var/log/app.log"]
failregex = ['^ failed <ADDR>$']
ports = ["http", "8000-8010"]
ignoreip = ["192.0.2.0/24", "file:/etc/friends", "home.example.org"]
maxretry = 3
findtime = "1h 30m"
bantime = "forever"
bantime_increment = { multipliers = [1, 2.5], maxtime = "5w" }
`,
  `a.b."c d" = 1979-05-27T07:32:00Z
[[x.y]]
n = [+1_000, 0xdead_beef, 1e6, -inf, nan, """
multi \\
  line""", '''raw''']
t = { p.q = "\\u00e9\\U0001F600", r = [{}, [[]]] }
`,
  `description = "A filter"
failregex = ['^<F-USER>\\S+</F-USER> from <HOST>$', '^<mode>$']
datepattern = ['{DATE}', '%Y-%m-%d']
journalmatch = "_SYSTEMD_UNIT=app.service + _COMM=app"
[options]
mode = "strict"
[[samples]]
line = "2026-11-20 12:00:00 bob from 192.0.2.7"
host = "192.0.2.7"
`,
];

Deno.test("fuzz: TOML is read, or refused with a place", async () => {
  await fuzz(damaged(toml), parseToml, { refusals: [TomlError] });
});

Deno.test("fuzz: a filter's file is taken, or its problems are told", async () => {
  await fuzz(damaged(toml), (text) => {
    const { filter, problems } = parseFilter("/etc/banjo/filters/app.toml", text);
    assert(filter !== undefined || problems.length > 0);
    problems.forEach(formatProblem);
  }, { cases: usualOrLong(100, 100_000) });
});

Deno.test("fuzz: a folder of configuration is taken, or its problems are told", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-fuzz-" });
  await using _ = {
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
  await Deno.mkdir(`${folder}/jails`);
  await Deno.mkdir(`${folder}/filters`);
  const names = fc.constantFrom("banjo.toml", "jails/app.toml", "filters/app.toml");
  await fuzz(fc.tuple(names, damaged(toml)), async ([name, text]) => {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    const { problems } = await loadConfig(folder, { isLean: true });
    problems.forEach(formatProblem);
    await Deno.remove(`${folder}/${name}`);
  }, { cases: usualOrLong(30, 100_000) });
});

Deno.test("fuzz: durations and ports are read, or refused", async () => {
  const good = [
    "10m",
    "1h 30m",
    "1.5d",
    "forever",
    "-1",
    "600",
    "5 weeks",
    "22",
    "6000:6010",
    "ssh",
  ];
  await fuzz(damaged(good), (text) => {
    const duration = parseDuration(text);
    assert(duration >= 0);
    formatDuration(duration);
  }, { refusals: [RangeError] });
  await fuzz(damaged(good), (text) => {
    assert(/^\d+(-\d+)?$/.test(parsePort(text)));
  }, { refusals: [RangeError] });
});
