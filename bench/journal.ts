/**
 * The agent's journal reader with the sshd filter, beside journalctl alone with the same fields and matches: in JSON, and in
 * the format that the reader asks for.
 */
import { type ExportedEntry, writeJournal } from "../tests/sources/journal_file.ts";
import { DATA, ROOT } from "./installed.ts";
import type { Bench } from "./main.ts";
import { alternate, measure, median, printTable } from "./measure.ts";
import { Random } from "./random.ts";
import { Attack, harmless } from "./sshd_log.ts";

export const journal: Bench = async ({ isQuick }) => {
  const size = isQuick ? 20_000 : 200_000;
  const directory = await makeJournal(size);
  const json = ["/usr/bin/journalctl", "--output=json", "--all", ...argumentsFor(directory)];
  const exported = ["/usr/bin/journalctl", "--output=export", ...argumentsFor(directory)];
  const runs = await alternate(
    isQuick ? 3 : 9,
    () => readerRun(directory),
    () => bareRun(json, size),
    () => bareRun(["/bin/sh", "-c", '"$@" | cat', "sh", ...exported], size),
    () => bareRun(exported, size),
  );
  const rates = runs.map((all) => median(all.map((run) => run.entries / run.seconds)));
  const cpu = runs.map((all) => median(all.map((run) => run.cpu)));
  const names = [
    "banjo's reader, sshd filter",
    "journalctl -o json > /dev/null",
    "journalctl -o export into cat",
    "journalctl -o export > /dev/null",
  ];
  printTable([
    ["", "entries", "failures", "s", "entries/s", "ratio", "CPU s, all processes", "ratio"],
    ...runs.map((all, index) => [
      names[index]!,
      all[0]!.entries,
      all[0]!.failures ?? "",
      median(all.map(({ seconds }) => seconds)),
      rates[index]!,
      rates[index]! / rates[1]!,
      cpu[index]!,
      cpu[index]! / cpu[1]!,
    ]),
  ]);
};

interface Reading {
  readonly entries: number;
  readonly failures?: number;
  readonly seconds: number;
  readonly cpu: number;
}

/** The reader's own time: from the start of journalctl to the last entry. */
async function readerRun(directory: string): Promise<Reading> {
  const flags = await Deno.readTextFile(`${ROOT}packaging/v8-flags`);
  const { stdout, stderr, cpu } = await measure([
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    `--config=${ROOT}deno.json`,
    `--v8-flags=${flags.trim()}`,
    "--allow-read",
    "--allow-run=/usr/bin/journalctl",
    `${ROOT}bench/journal_reader.ts`,
    directory,
  ]);
  if (stdout === "") throw new Error(`Cannot read the journal: ${stderr}`);
  return { ...JSON.parse(stdout), cpu };
}

/** A command's whole time, its output thrown away. */
async function bareRun(command: readonly string[], entries: number): Promise<Reading> {
  const { wall, cpu } = await measure(command, true);
  return { entries, seconds: wall, cpu };
}

/** What the reader asks for, for the sshd jail, in whatever format. */
function argumentsFor(directory: string): readonly string[] {
  return [
    "--no-pager",
    "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_COMM,_PID,_HOSTNAME,_SYSTEMD_UNIT,_UID",
    `--directory=${directory}`,
    "--since=@0.000",
    ..."_UID=0 SYSLOG_IDENTIFIER=sshd SYSLOG_IDENTIFIER=sshd-session".split(" "),
  ];
}

/** Entries of sshd, six in ten a failure. Made once; gives their folder. */
export function makeJournal(size: number): Promise<string> {
  return journalOf(`${DATA}/journal-${size}`, size, messages(size));
}

/** A message of sshd, by the process that logs it. */
export interface Message {
  readonly pid: number;
  readonly text: string;
}

/** So many messages of sshd with all the fields that journald gives them. Made once; gives the folder. */
export async function journalOf(
  directory: string,
  size: number,
  messages: Iterable<Message>,
): Promise<string> {
  if (await Deno.stat(directory).then(() => true, () => false)) return directory;
  const unfinished = `${directory}.new`;
  await Deno.remove(unfinished, { recursive: true }).catch(() => {});
  await Deno.mkdir(unfinished);
  await writeJournal(`${unfinished}/system.journal`, entries(size, messages));
  await Deno.rename(unfinished, directory);
  return directory;
}

/** How long journalctl alone takes for such a folder, into a pipe and in the format that the agent reads, in seconds. */
export async function bareReading(directory: string): Promise<number> {
  const journalctl = ["/usr/bin/journalctl", "--output=export", ...argumentsFor(directory)];
  return (await measure(["/bin/sh", "-c", '"$@" | cat', "sh", ...journalctl], true)).wall;
}

function* messages(size: number): Generator<Message> {
  const random = new Random(9);
  const attack = new Attack(random);
  for (let index = 0; index < size; index++) {
    yield random.below(10) < 6
      ? attack.nextFailure()
      : { pid: 100_000 + random.below(60_000), text: harmless(random) };
  }
}

function* entries(size: number, messages: Iterable<Message>): Generator<ExportedEntry> {
  let index = 0;
  for (const { pid, text } of messages) {
    const realtime = LAST - (size - index) * 100_000;
    yield {
      realtime,
      monotonic: 1_000_000 + index * 100_000,
      boot: BOOT,
      fields: [
        ["MESSAGE", text],
        ["_PID", `${pid}`],
        ["SYSLOG_PID", `${pid}`],
        ["SYSLOG_TIMESTAMP", "Nov 20 10:00:00 "],
        ["_SOURCE_REALTIME_TIMESTAMP", `${realtime - 20}`],
        ...CONSTANT,
      ],
    };
    index++;
  }
}

/** 2026-11-21, in microseconds. */
const LAST = Date.UTC(2026, 10, 21) * 1000;
const BOOT = "5a9d4bf0c8e7416fa1d2e3b4c5d6e7f8";
const CONSTANT = Object.entries({
  PRIORITY: "6",
  SYSLOG_FACILITY: "4",
  SYSLOG_IDENTIFIER: "sshd",
  _TRANSPORT: "syslog",
  _UID: "0",
  _GID: "0",
  _COMM: "sshd",
  _EXE: "/usr/sbin/sshd",
  _CMDLINE: "sshd: [accepted]",
  _CAP_EFFECTIVE: "1ffffffffff",
  _SELINUX_CONTEXT: "unconfined",
  _SYSTEMD_CGROUP: "/system.slice/ssh.service",
  _SYSTEMD_UNIT: "ssh.service",
  _SYSTEMD_SLICE: "system.slice",
  _SYSTEMD_INVOCATION_ID: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
  _MACHINE_ID: "b0a1c2d3e4f5061728394a5b6c7d8e9f",
  _HOSTNAME: "server",
});
