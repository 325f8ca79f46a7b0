/** An access log, one line in a hundred a 404: banjo beside fail2ban-regex, and its whole process beside GNU grep. */
import { fail2banRegex, grepCount, testOf } from "./contenders.ts";
import { writeAccessLog } from "./access_log.ts";
import { DATA } from "./installed.ts";
import type { Bench } from "./main.ts";
import { alternate, median, printTable } from "./measure.ts";

/** What banjo's filter nginx-404 says, for fail2ban, which also cuts the date out of the line before it looks. */
const FAILREGEX = '^<ADDR> - [^"]* \\[\\] "[^"]*" 404 \\d+(?: .*)?$';
/** And for grep, which sees the date. */
const PATTERN = '^[0-9a-fA-F:.]+ - [^"]* \\[[^]"]*\\] "[^"]*" 404 [0-9]+( .*)?$';

export const access: Bench = async ({ banjo, isQuick }) => {
  const lines = isQuick ? 200_000 : 1_000_000;
  const log = `${DATA}/access.log`;
  writeAccessLog(log, lines);
  const part = await firstLines(log, isQuick ? 10_000 : 100_000);
  await besideFail2ban(banjo, log, part, isQuick ? 1 : 3);
  await besideGrep(banjo, log, isQuick ? 5 : 11);
};

/** fail2ban as it finds dates by itself, and told where the date stands, as its own filters for nginx do. */
async function besideFail2ban(
  banjo: string,
  log: string,
  part: string,
  rounds: number,
): Promise<void> {
  const rows: (string | number)[][] = [["", "lines", "matched", "s", "lines/s", "banjo's ratio"]];
  const runs = await alternate(
    rounds,
    () => testOf(banjo, log, "nginx-404"),
    () => testOf(banjo, part, "nginx-404"),
    () => fail2banRegex(part, FAILREGEX),
    () => fail2banRegex(part, FAILREGEX, "--datepattern", "^[^\\[]*\\[({DATE})"),
  );
  const names = ["banjo", "banjo, first part", "fail2ban-regex", "fail2ban-regex, datepattern"];
  const speeds = runs.map((all) => all[0]!.lines / median(all.map(({ seconds }) => seconds)));
  for (const [index, all] of runs.entries()) {
    const { lines, matched } = all[0]!;
    rows.push([
      names[index]!,
      lines,
      matched,
      lines / speeds[index]!,
      speeds[index]!,
      speeds[0]! / speeds[index]!,
    ]);
  }
  printTable(rows);
}

async function besideGrep(banjo: string, log: string, rounds: number): Promise<void> {
  const runs = await alternate<{ matched: number; wall: number; cpu: number; memory: number }>(
    rounds,
    () => testOf(banjo, log, "nginx-404"),
    () => grepCount(log, PATTERN, "C.UTF-8"),
    () => grepCount(log, PATTERN, "C"),
  );
  const names = ["banjo test", "grep -cE, C.UTF-8", "grep -cE, C"];
  const walls = runs.map((all) => median(all.map(({ wall }) => wall)));
  printTable([
    ["whole process", "matched", "s", "CPU s", "MB", "banjo's ratio"],
    ...runs.map((all, index) => [
      names[index]!,
      all[0]!.matched,
      walls[index]!,
      median(all.map(({ cpu }) => cpu)),
      median(all.map(({ memory }) => memory / 1024)),
      walls[index]! / walls[0]!,
    ]),
  ]);
}

/** A log of its own from the first lines of another. */
async function firstLines(log: string, lines: number): Promise<string> {
  const part = `${DATA}/access-part.log`;
  const head = new Deno.Command("/usr/bin/head", { args: [`-n${lines}`, log], stdout: "piped" })
    .spawn();
  await head.stdout.pipeTo((await Deno.create(part)).writable);
  return part;
}
