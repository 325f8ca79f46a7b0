/** How long it takes from the start of a process to its first work. */
import { Server } from "./agent.ts";
import type { Bench } from "./main.ts";
import { alternate, measure, median, printTable, quantile } from "./measure.ts";

export const start: Bench = async ({ banjo, isQuick }) => {
  const rounds = isQuick ? 3 : 11;
  await using server = await Server.create();
  const config = `${server.directory}/config`;
  await Deno.mkdir(`${config}/jails`, { recursive: true });
  await Deno.writeTextFile(`${config}/jails/sshd.toml`, "[sshd]\nenabled = true\nmaxretry = 1\n");
  await server.journald.log("sshd", FAILURE, "ssh.service");
  await server.journald.sync();

  const version = async () => (await measure([banjo, "version"])).wall * 1000;
  const test = async () => (await measure([banjo, "test", FAILURE, "sshd"])).wall * 1000;
  const names = [
    "banjo version, whole process",
    "banjo test LINE sshd, whole process",
    'banjo run, to "runs"',
    "banjo run, to the ban by an entry of before",
  ];
  const times = await alternate(rounds, version, test);
  times.push([], []);
  // Either may be printed before the other.
  for (let round = 0; round < rounds; round++) {
    for (const [index, words] of [[2, " runs, "], [3, ": ban "]] as const) {
      await server.forget();
      await using agent = server.spawnAgent(banjo, config);
      await agent.words.until(words);
      times[index]!.push(agent.age);
    }
  }
  printTable([
    ["ms", "runs", "median", "longest"],
    ...times.map((all, index) => [names[index]!, all.length, median(all), quantile(all, 1)]),
  ]);
};

const FAILURE = "Failed password for root from 198.18.0.1 port 40000 ssh2";
