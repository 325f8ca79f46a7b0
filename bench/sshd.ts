/** An sshd log under attack: banjo beside fail2ban-regex, each with its own filter, on the same file. */
import { DATA } from "./installed.ts";
import { fail2banRegex, testOf } from "./contenders.ts";
import { alternate, median, printTable } from "./measure.ts";
import { type DateStyle, writeSshdLog } from "./sshd_log.ts";
import type { Bench } from "./main.ts";

/** Prints processing times as each tool reports them. */
export const sshd: Bench = async ({ banjo, isQuick }) => {
  const lines = isQuick ? 20_000 : 300_000;
  const rows = [
    [
      "dates",
      "lines",
      "matched by banjo",
      "by fail2ban",
      "banjo s",
      "fail2ban s",
      "banjo lines/s",
      "fail2ban lines/s",
      "ratio",
    ] as (string | number)[],
  ];
  for (const dates of ["iso", "traditional"] satisfies DateStyle[]) {
    const log = `${DATA}/auth-${dates}.log`;
    writeSshdLog(log, lines, dates);
    const [ours, theirs] = await alternate(
      isQuick ? 2 : 3,
      () => testOf(banjo, log, "sshd"),
      () => fail2banRegex(log, "sshd"),
    );
    const seconds = [ours, theirs].map((runs) => median(runs!.map(({ seconds }) => seconds)));
    const [mine, other] = seconds as [number, number];
    rows.push([
      dates,
      lines,
      ours![0]!.matched,
      theirs![0]!.matched,
      mine,
      other,
      lines / mine,
      lines / other,
      other / mine,
    ]);
  }
  printTable(rows);
};
