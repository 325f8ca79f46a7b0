/** An sshd log under attack: banjo beside fail2ban-regex, each with its own filter, on the same file. */
import { DATA } from "./installed.ts";
import { fail2banRegex, testOf } from "./contenders.ts";
import { alternate, median, printTable } from "./measure.ts";
import { type DateStyle, writeSshdLog } from "./sshd_log.ts";
import type { Bench } from "./main.ts";

/** A log so many times as long goes to banjo alone: on the shorter one V8 warms up half of the time. */
const LONGER = 10;

/** Prints processing times as each tool reports them. */
export const sshd: Bench = async ({ banjo, isQuick }) => {
  const lines = isQuick ? 20_000 : 300_000;
  const rows = [
    [
      "dates",
      "lines",
      "matched",
      "s",
      "lines/s",
      "times fail2ban",
    ] as (string | number)[],
  ];
  for (const dates of ["iso", "traditional"] satisfies DateStyle[]) {
    const log = `${DATA}/auth-${dates}.log`;
    const longLog = `${DATA}/auth-${dates}-long.log`;
    writeSshdLog(log, lines, dates);
    writeSshdLog(longLog, lines * LONGER, dates);
    const results = await alternate(
      isQuick ? 2 : 3,
      () => testOf(banjo, log, "sshd"),
      () => fail2banRegex(log, "sshd"),
      () => testOf(banjo, longLog, "sshd"),
    );
    const [ours, theirs, oursLong] = results.map((runs) => ({
      matched: runs[0]!.matched,
      seconds: median(runs.map(({ seconds }) => seconds)),
    }));
    const pace = lines / theirs!.seconds;
    const compare = (count: number, { matched, seconds }: typeof ours & object) => [
      dates,
      count,
      matched,
      seconds,
      count / seconds,
      count / seconds / pace,
    ];
    rows.push(
      [`${dates}, fail2ban-regex`, lines, theirs!.matched, theirs!.seconds, pace, 1],
      compare(lines, ours!),
      compare(lines * LONGER, oursLong!),
    );
  }
  printTable(rows);
};
