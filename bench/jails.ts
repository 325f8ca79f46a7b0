/**
 * Many jails at once: `banjo simulate`, which reads as the agent does, over access logs and a journal that one jail
 * watches, or fifty. And a backlog of ten gigabytes.
 */
import { writeAccessLog } from "./access_log.ts";
import { DATA } from "./installed.ts";
import { makeJournal } from "./journal.ts";
import type { Bench } from "./main.ts";
import { alternate, measure, median, printTable } from "./measure.ts";

/** Ten filters for access logs, all of which need other texts. */
const FILTERS = [
  "nginx-404",
  "nginx-4xx",
  "nginx-badbots",
  "nginx-botsearch",
  "nginx-noscript",
  "wordpress",
  "wordpress-xmlrpc",
  "phpmyadmin",
  "apache-404",
  "apache-noscript",
];

/** A jail: what it is called does not matter. */
interface Watcher {
  readonly filter: string;
  readonly files?: string;
}

/** What jails read. */
interface Case {
  readonly name: string;
  readonly jails: readonly Watcher[];
  /** In MB. */
  readonly size: number;
}

export const jails: Bench = async ({ banjo, isQuick }) => {
  const lines = isQuick ? 100_000 : 2_000_000;
  const folder = `${DATA}/jails`;
  await Deno.mkdir(`${folder}/many`, { recursive: true });
  const benign = `${folder}/benign.log`;
  writeAccessLog(benign, lines, Infinity);
  for (let file = 0; file < 20; file++) {
    writeAccessLog(`${folder}/many/${String(file).padStart(2, "0")}.log`, lines / 20, 100, file);
  }
  const journal = await makeJournal(isQuick ? 20_000 : 200_000);

  const size = megabytes(benign);
  const one = [{ filter: "nginx-404", files: benign }];
  const cases: Case[] = [
    { name: "benign log, one jail", jails: one, size },
    {
      name: "the same, with a jail that never matches",
      jails: [...one, { filter: "nginx-limit-req", files: benign }],
      size,
    },
    {
      name: "the same, ten jails",
      jails: FILTERS.map((filter) => ({ filter, files: benign })),
      size,
    },
    {
      name: "20 files and a journal, two jails",
      jails: [{ filter: "nginx-404", files: `${folder}/many/*.log` }, { filter: "sshd" }],
      size: sizeOfMany(folder),
    },
    {
      name: "20 files and a journal, fifty jails",
      jails: Array.from({ length: 50 }, (_, index) =>
        index < 40
          ? {
            filter: FILTERS[index % FILTERS.length]!,
            files: `${folder}/many/${String(index % 20).padStart(2, "0")}.log`,
          }
          : { filter: "sshd" }),
      size: sizeOfMany(folder),
    },
  ];
  const configs = await Promise.all(
    cases.map(({ jails }, index) => writeConfig(`${folder}/config-${index}`, jails, journal)),
  );
  const nothing = await writeConfig(`${folder}/config-none`, [{
    filter: "nginx-404",
    files: `${folder}/none.log`,
  }], journal);
  await Deno.writeTextFile(`${folder}/none.log`, "");
  const [idle, ...runs] = await alternate(
    isQuick ? 1 : 3,
    ...[nothing, ...configs].map((config) => () => simulation(banjo, config)),
  );
  const startWall = median(idle!.map(({ wall }) => wall));
  const startCpu = median(idle!.map(({ cpu }) => cpu));
  printTable([
    ["without the start", "jails", "MB", "s", "CPU s", "MB/s", "most memory MB"],
    ...cases.map(({ name, jails, size }, index) => {
      const wall = median(runs[index]!.map(({ wall }) => wall)) - startWall;
      const cpu = median(runs[index]!.map(({ cpu }) => cpu)) - startCpu;
      const memory = median(runs[index]!.map(({ memory }) => memory)) / 1024;
      return [name, jails.length, size, wall, cpu, size / wall, memory];
    }),
  ]);
  printTable([
    ["a backlog", "MB", "s", "MB/s", "most memory MB"],
    await backlog(banjo, benign, 100, journal),
    await backlog(banjo, benign, isQuick ? 1_000 : 10_000, journal),
  ]);
};

/** Reads so many megabytes, which are the same block again and again. */
async function backlog(
  banjo: string,
  source: string,
  size: number,
  journal: string,
): Promise<(string | number)[]> {
  const folder = `${DATA}/jails/backlog`;
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/access.log`;
  try {
    {
      using from = Deno.openSync(source);
      using to = Deno.openSync(path, { write: true, create: true, truncate: true });
      const block = new Uint8Array(10_000_000);
      const length = block.subarray(0, from.readSync(block)!).lastIndexOf(10) + 1;
      for (let written = 0; written < size * 1_000_000; written += length) {
        for (let at = 0; at < length;) at += to.writeSync(block.subarray(at, length));
      }
    }
    const config = await writeConfig(
      `${folder}/config`,
      [{ filter: "nginx-404", files: path }],
      journal,
    );
    const { wall, memory } = await simulation(banjo, config);
    const written = megabytes(path);
    return ["one file, one jail", written, wall, written / wall, memory / 1024];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function simulation(banjo: string, config: string) {
  const run = await measure([banjo, "simulate", "--json", "--since", "3650d", "--config", config]);
  if (run.code !== 0) throw new Error(`Cannot simulate: ${run.stderr}`);
  return run;
}

async function writeConfig(
  folder: string,
  jails: readonly Watcher[],
  journal: string,
): Promise<string> {
  await Deno.mkdir(`${folder}/jails`, { recursive: true });
  await Deno.writeTextFile(
    `${folder}/banjo.toml`,
    `[agent]\njournal = { directory = "${journal}" }\n`,
  );
  const text = jails.map(({ filter, files }, index) =>
    `[jail-${index}]\nenabled = true\nfilter = "${filter}"\n` +
    (files === undefined ? "" : `files = ["${files}"]\n`)
  );
  await Deno.writeTextFile(`${folder}/jails/bench.toml`, text.join("\n"));
  return folder;
}

function megabytes(path: string): number {
  return Deno.statSync(path).size / 1e6;
}

function sizeOfMany(folder: string): number {
  return [...Deno.readDirSync(`${folder}/many`)].reduce(
    (sum, { name }) => sum + megabytes(`${folder}/many/${name}`),
    0,
  );
}
