/** A smaller burst, from a file, for banjo and those that do the same: all with nftables, each in a network of its own. */
import { Network } from "../tests/network.ts";
import { addressOf, FAILURES, failures, line } from "./botnet.ts";
import type { Scene } from "./main.ts";
import { printTable } from "./measure.ts";

/** How one tool is started on a log file, and where nftables holds what it has banned. */
export interface Peer {
  readonly name: string;
  readonly program: string;
  /** Writes the configuration into a folder of the tool's own; gives the command that runs in the foreground. */
  command(folder: string, log: string): Promise<readonly string[]>;
  /** What it says on standard output or error when it follows the log; it reads it from the beginning without. */
  readonly ready?: RegExp;
  readonly set: readonly string[];
}

/** Prints what the burst takes each tool that is installed. */
export async function printPeers({ banjo, isQuick }: Scene): Promise<void> {
  const attackers = isQuick ? 100 : 1000;
  const rows: (string | number)[][] = [[
    "a smaller burst from a file",
    "attackers",
    "s until all banned",
    "bans/s",
    "CPU s, all processes",
    "CPU ms a ban",
  ]];
  for (const peer of [banjoItself(banjo), sshguard, fail2ban]) {
    if (!await Deno.stat(peer.program).then(() => true, () => false)) {
      rows.push([`${peer.name}, not installed`, "", "", "", "", ""]);
      continue;
    }
    const { seconds, cpu } = await measureBurst(peer, attackers);
    const each = 1000 * cpu / attackers;
    rows.push([peer.name, attackers, seconds, attackers / seconds, cpu, each]);
  }
  printTable(rows);
}

function banjoItself(program: string): Peer {
  return {
    name: "banjo",
    program,
    async command(folder, log) {
      await Deno.mkdir(`${folder}/config/jails`, { recursive: true });
      await Deno.writeTextFile(
        `${folder}/config/jails/bench.toml`,
        `[bench]\nenabled = true\nfilter = "sshd"\nfiles = ["${log}"]\nmaxretry = ${FAILURES}\n` +
          `max_bans_per_minute = false\n`,
      );
      const folders = ["config", "state", "runtime"].map((name) => `--${name}=${folder}/${name}`);
      return [program, "run", ...folders];
    },
    ready: / runs, /,
    set: ["inet", "banjo", "ban4-bench/32"],
  };
}

/** Its four programs as its own script joins them, which reads one configuration from one place. It bans at the third failure. */
const sshguard: Peer = {
  name: "sshguard",
  program: "/usr/sbin/sshguard",
  command(_, log) {
    const programs = "/usr/libexec/sshguard/sshg";
    const pipeline = `trap "kill 0" TERM; tail -n +1 -F "$1" | ${programs}-parser | ` +
      `${programs}-blocker -a 30 -p 3600 -s 1800 | ${programs}-fw-nft-sets & wait`;
    return Promise.resolve(["/usr/bin/setsid", "/bin/sh", "-c", pipeline, "sh", log]);
  },
  set: ["ip", "sshguard", "attackers"],
};

export const fail2ban: Peer = {
  name: "fail2ban",
  program: "/usr/bin/fail2ban-server",
  async command(folder, log) {
    await new Deno.Command("/bin/cp", { args: ["-r", "/etc/fail2ban", `${folder}/config`] })
      .output();
    await Deno.writeTextFile(
      `${folder}/config/jail.d/defaults-debian.conf`,
      `[bench]\nenabled = true\nfilter = sshd\nlogpath = ${log}\nbackend = auto\n` +
        `banaction = nftables-allports\nmaxretry = ${FAILURES}\nbantime = 1h\n`,
    );
    await Deno.writeTextFile(
      `${folder}/config/fail2ban.d/bench.conf`,
      `[Definition]\nlogtarget = STDOUT\ndbfile = ${folder}/bans.sqlite3\n` +
        `socket = ${folder}/socket\npidfile = ${folder}/pid\n`,
    );
    return ["/usr/bin/fail2ban-server", "-c", `${folder}/config`, "-f", "start"];
  },
  ready: /Jail 'bench' started/,
  set: ["inet", "f2b-table", "addr-set-bench"],
};

async function measureBurst(peer: Peer, attackers: number) {
  const folder = await Deno.makeTempDir({ prefix: "banjo-bench-" });
  await using network = await Network.create();
  try {
    await Deno.mkdir(`${folder}/log`);
    const log = `${folder}/log/auth.log`;
    await Deno.writeTextFile(log, "");
    const [program, ...args] = network.on("server", ...await peer.command(folder, log));
    await using tool = new Tool(program!, args, `${folder}/output`);
    await until(() => tool.hasSaid(peer.ready));
    const before = await cpuOf(tool.pid);
    const start = performance.now();
    await Deno.writeTextFile(log, textOf(attackers), { append: true });
    await until(async () => {
      const { stdout } = await network.exec("server", [
        "/usr/sbin/nft",
        "list",
        "set",
        ...peer.set,
      ]);
      return (stdout.match(/\b10(?:\.\d{1,3}){2}\.1\b/g)?.length ?? 0) === attackers;
    });
    const seconds = (performance.now() - start) / 1000;
    return { seconds, cpu: await cpuOf(tool.pid) - before };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** No two addresses side by side: a set of intervals would make one of them. */
function textOf(attackers: number): string {
  return Array.from(
    failures(attackers),
    ({ connection }) => line(addressOf((connection % attackers << 8) + 1), connection),
  ).join("");
}

/** A running tool, whose output goes to a file. Ended by `await using`. */
export class Tool implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #output: string;

  constructor(program: string, args: readonly string[], output: string) {
    this.#output = output;
    this.#process = new Deno.Command("/bin/sh", {
      args: ["-c", 'out=$1; shift; exec "$@" >"$out" 2>&1', "sh", output, program, ...args],
      stdin: "null",
    }).spawn();
  }

  get pid(): number {
    return this.#process.pid;
  }

  async hasSaid(words: RegExp | undefined): Promise<boolean> {
    const text = await Deno.readTextFile(this.#output).catch(() => "");
    return words === undefined || words.test(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
  }
}

/** Processor time in seconds of a process and all it has started, ended ones included, by proc(5). */
export async function cpuOf(pid: number): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  const times = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 15).map(Number);
  const others = children.split(" ").filter((child) => child !== "").map(Number);
  const all = await Promise.all(others.map(cpuOf));
  return [...times.map((ticks) => ticks / 100), ...all].reduce((sum, time) => sum + time, 0);
}

/** In milliseconds. */
const LONGEST = 300_000;

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const start = performance.now(); performance.now() - start < LONGEST;) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Cannot measure: it has taken longer than ${LONGEST} ms`);
}
