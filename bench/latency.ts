/** From a line being logged to its address being in the kernel's set, as `nft monitor` tells it. */
import { Server, Words } from "./agent.ts";
import type { Bench } from "./main.ts";
import { median, printTable, quantile } from "./measure.ts";

export const latency: Bench = async ({ banjo, isQuick }) => {
  const samples = isQuick ? 10 : 100;
  await using server = await Server.create();
  const log = `${server.directory}/auth.log`;
  await Deno.writeTextFile(log, "");
  const config = await writeConfig(server.directory, log);
  await using _agent = await server.startAgent(banjo, config);
  const monitor = server.network.spawn("server", ["/usr/sbin/nft", "monitor", "elements"], {
    stdout: "piped",
  });
  const changes = new Words(monitor.stdout);

  const [program, args] = server.journald.command(
    ["/usr/bin/journalctl", "--follow", "--since=now", "--output=cat", "--quiet"],
  );
  const reader = new Deno.Command(program, { args, stdin: "null", stdout: "piped" }).spawn();
  const entries = new Words(reader.stdout);

  const appended: number[] = [];
  const logged: number[] = [];
  const read: number[] = [];
  await pause(1000);
  for (let index = 0; index < samples; index++) {
    const [first, second] = [`198.18.1.${index}`, `198.18.2.${index}`];
    appended.push(await timed(changes, first, () => append(log, first)));
    await pause(20 + 7 * (index % 13));
    const [banned, shown] = await Promise.all([
      timed(changes, second, () => server.journald.log("sshd", failure(second), "ssh.service")),
      timed(entries, second, () => Promise.resolve()),
    ]);
    logged.push(banned);
    read.push(shown);
    await pause(20 + 7 * (index % 13));
  }
  const row = (name: string, times: number[]) => [
    name,
    times.length,
    median(times),
    quantile(times, 0.95),
    Math.max(...times),
  ];
  reader.kill("SIGTERM");
  await reader.status;
  printTable([
    ["ms from the line to the ban", "lines", "median", "95 in 100 below", "longest"],
    row("appended to a file", appended),
    row("logged to journald", logged),
    row("of it until journalctl --follow alone shows it", read),
  ]);
};

/** Both read by the sshd filter; one failure is enough. */
async function writeConfig(directory: string, log: string): Promise<string> {
  const config = `${directory}/config`;
  await Deno.mkdir(`${config}/jails`, { recursive: true });
  await Deno.writeTextFile(`${config}/banjo.toml`, "[defaults]\nmaxretry = 1\n");
  await Deno.writeTextFile(
    `${config}/jails/bench.toml`,
    `[sshd]\nenabled = true\nmaxretry = 1\n\n` +
      `[sshd-file]\nenabled = true\nfilter = "sshd"\nfiles = ["${log}"]\nmaxretry = 1\n` +
      `max_bans_per_minute = false\n`,
  );
  return config;
}

async function timed(changes: Words, address: string, log: () => Promise<void>): Promise<number> {
  const start = performance.now();
  const seen = changes.until(` ${address} `);
  await log();
  await seen;
  return performance.now() - start;
}

async function append(log: string, address: string): Promise<void> {
  const date = new Date().toISOString().replace("Z", "000+00:00");
  await Deno.writeTextFile(log, `${date} server sshd[4711]: ${failure(address)}\n`, {
    append: true,
  });
}

function failure(address: string): string {
  return `Failed password for root from ${address} port 40000 ssh2`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
