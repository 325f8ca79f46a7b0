/** fail2ban's filters in banjo, on the annotated sample logs of fail2ban's own tests. */
import { assertEquals } from "@std/assert";
import { loadConfig } from "../../lib/config/mod.ts";
import { importConf, loadFilterConf } from "../../lib/fail2ban/mod.ts";
import type { Finding } from "../../lib/filter/failure.ts";
import { banjo, type Json } from "../banjo.ts";
import { testAsRoot } from "../root.ts";
import { type Check, type CheckedFilter, makeFolder, readSamples } from "./samples.ts";
import { type Fault, faultOf, judgeAll, NOW, ZONE } from "./verdicts.ts";

const NEEDS = { programs: ["fail2ban-regex"] };

/** A line that is meant to come out otherwise, with how many checks it is in. */
interface Difference {
  readonly line: RegExp;
  readonly checks: number;
}

/**
 * An IPv4 address with a leading zero is one thing to those who read such numbers as octal, as iptables does, and another
 * to all others. No service writes them, so banjo takes them for no address.
 */
const LEADING_ZERO: readonly Difference[] = [
  { line: / from 192\.030\.0\.6$/, checks: 6 },
  { line: / error from 192\.0\.2\.09$/, checks: 1 },
];

/** All checks of one filter, judged. */
interface Judged {
  readonly checks: readonly Check[];
  readonly faults: readonly Fault[];
}

function assertNoFaults(judged: readonly Judged[], differences: readonly Difference[]): void {
  const faults = judged.flatMap(({ checks, faults }) =>
    checks.flatMap((check, index) => {
      const fault = faults[index];
      return fault === undefined ? [] : [{ check, fault }];
    })
  );
  const counts = differences.map(({ line }) =>
    faults.filter(({ check, fault }) => line.test(check.line) && fault === "missed").length
  );
  const others = faults.filter(({ check }) =>
    !differences.some(({ line }) => line.test(check.line))
  );
  const told = others.map(({ check, fault }) =>
    `${check.place} ${JSON.stringify(check.options)}: ${fault}: ${check.line}`
  );
  assertEquals(told, []);
  assertEquals(counts, differences.map(({ checks }) => checks));
}

async function withFolder(work: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "banjo-samples-" });
  try {
    await work(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

testAsRoot("fail2ban's filter files find in its samples what they should", NEEDS, async () => {
  await withFolder(async (root) => {
    const base = await makeFolder(root);
    const judged = (await readSamples()).map(({ filter, options, checks }) => {
      const path = `${base}/filter.d/${filter}.conf`;
      const loaded = loadFilterConf(path, new Map(Object.entries(options)));
      return { checks, faults: judgeAll(loaded.filter, checks) };
    });
    assertEquals(judged.flatMap(({ checks }) => checks).length, 1627);
    assertNoFaults(judged, LEADING_ZERO);
  });
});

testAsRoot("imported filters find in fail2ban's samples what they should", NEEDS, async () => {
  await withFolder(async (root) => {
    const base = await makeFolder(root);
    const samples = await readSamples();
    const jails = samples.map((sample, index) => `[sample-${index}]\n${jailOf(sample)}`);
    await Deno.writeTextFile(`${base}/jail.local`, jails.join("\n"));
    const out = `${root}/banjo`;
    const { refused, files } = importConf(base, { hasFile: () => true });
    assertEquals(refused, []);
    for (const [name, text] of files) {
      await Deno.mkdir(`${out}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${out}/${name}`, text);
    }
    const config = await loadConfig(out);
    assertEquals(config.problems.filter(({ severity }) => severity === "error"), []);
    const judged = samples.map(({ checks }, index) => ({
      checks,
      faults: judgeAll(config.jails.get(`sample-${index}`)!.filter, checks),
    }));
    assertNoFaults(judged, LEADING_ZERO);
  });
});

/** Filters that carry state from line to line, match several lines, or have lines without dates. */
const IN_PROGRAM = [
  "sshd",
  "zzz-sshd-obsolete-multiline",
  "mysqld-auth",
  "guacamole",
  "mongodb-auth",
];

testAsRoot("banjo test finds in fail2ban's samples what it should", NEEDS, async () => {
  await withFolder(async (root) => {
    const base = await makeFolder(root);
    const samples = (await readSamples()).filter(({ filter }) => IN_PROGRAM.includes(filter));
    const judged: Judged[] = [];
    for (const { filter, options, isFromJournal, checks } of samples) {
      const log = `${root}/sample.log`;
      await Deno.writeTextFile(log, checks.map(({ line }) => `${line}\n`).join(""));
      const words = Object.entries(options).map(([name, value]) => `${name}=${value}`);
      const { stderr, json } = await banjo([
        "test",
        log,
        `${base}/filter.d/${filter}.conf[${words.join(", ")}]`,
        "--json",
        ...["--now", new Date(NOW).toISOString(), "--tz", ZONE],
        ...isFromJournal ? ["--datepattern", "{NONE}"] : [],
      ]);
      const summary = json.at(-1);
      assertEquals(summary?.lines, checks.length, stderr);
      const faults = checks.map((check, index) => {
        const found = json.slice(0, -1).filter(({ line }) => line === index + 1);
        return faultOf(check, found.map((one) => findingOf(one)));
      });
      judged.push({ checks, faults });
    }
    assertNoFaults(judged, [LEADING_ZERO[0]!]);
  });
});

/** A failure as `banjo test --json` prints it. */
function findingOf({ time, host, user, pattern }: Json): Finding {
  return {
    kind: "failure",
    time: Date.parse(time),
    host,
    ...user === null ? {} : { user },
    pattern,
    line: "",
  };
}

/** A jail that uses a filter with these options, by the backend that they are for. */
function jailOf({ filter, options, isFromJournal }: CheckedFilter): string {
  const words = Object.entries(options).filter(([name]) => name !== "logtype" || !isFromJournal)
    .map(([name, value]) => `${name}="${value}"`);
  const source = isFromJournal
    ? "backend = systemd\njournalmatch = _SYSTEMD_UNIT=sample.service"
    : "backend = polling\nlogpath = /var/log/sample.log";
  return `enabled = true\nfilter = ${filter}[${words.join(", ")}]\n${source}\n`;
}
