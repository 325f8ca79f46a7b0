/** What the agent holds and uses while nothing happens, with the configuration that install.sh puts on a server. */
import { type Agent, Server } from "./agent.ts";
import { ROOT } from "./installed.ts";
import type { Bench } from "./main.ts";
import { printTable } from "./measure.ts";

export const memory: Bench = async ({ banjo, isQuick }) => {
  await using server = await Server.create();
  await using agent = await server.startAgent(banjo, `${ROOT}packaging/config`);
  await pause(isQuick ? 5 : 30);
  const processes = [agent.pid, ...await readersOf(agent)];
  const before = await Promise.all(processes.map(activityOf));
  const seconds = isQuick ? 10 : 60;
  const moments = await momentsAwake(processes, seconds);
  const rows: (string | number)[][] = [[
    "idle",
    "RSS MB",
    "of it files MB",
    "highest RSS MB",
    `CPU ms in ${seconds} s`,
    "of ended children ms",
    "moments awake/s",
  ]];
  for (const [index, pid] of processes.entries()) {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    const megabytes = (field: string) =>
      Number(new RegExp(`^${field}:\\s*(\\d+) kB`, "m").exec(status)![1]) / 1024;
    const now = await activityOf(pid);
    const then = before[index]!;
    rows.push([
      index === 0 ? "banjo run" : "journalctl",
      megabytes("VmRSS"),
      megabytes("RssFile"),
      megabytes("VmHWM"),
      now.own - then.own,
      now.children - then.children,
      moments[index]! / seconds,
    ]);
  }
  printTable(rows);
};

/** The agent's journalctl, which stays; an nft that checks the bans comes and goes. */
async function readersOf({ pid }: Agent): Promise<number[]> {
  const readers: number[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const text = await Deno.readTextFile(`/proc/${pid}/task/${name}/children`);
    for (const child of text.split(" ").filter((word) => word !== "").map(Number)) {
      const comm = await Deno.readTextFile(`/proc/${child}/comm`).catch(() => "");
      if (comm.trim() === "journalctl") readers.push(child);
    }
  }
  return readers;
}

interface Activity {
  /** Processor time since its start, in milliseconds, by the hundredths of a second in proc(5). */
  readonly own: number;
  /** The same, of its children that have ended. */
  readonly children: number;
}

async function activityOf(pid: number): Promise<Activity> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const [user, system, childUser, childSystem] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    .slice(11, 15).map((ticks) => Number(ticks) * 10);
  return { own: user! + system!, children: childUser! + childSystem! };
}

/** How often a process's first thread, which is the one that awaits news, has gone to sleep. */
async function switchesOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(status)![1]);
}

/** In how many twentieths of a second each process did anything at all: what it does at once wakes the processor once. */
async function momentsAwake(processes: readonly number[], seconds: number): Promise<number[]> {
  const moments = processes.map(() => 0);
  let before = await Promise.all(processes.map(switchesOf));
  for (const begin = performance.now(); performance.now() - begin < seconds * 1000;) {
    await pause(0.05);
    const now = await Promise.all(processes.map(switchesOf));
    for (const index of processes.keys()) if (now[index] !== before[index]) moments[index]!++;
    before = now;
  }
  return moments;
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
