/** How fail2ban comes back with its bans, in a network of its own, with its own action for nftables. */
import { DatabaseSync } from "node:sqlite";
import { Network } from "../tests/network.ts";
import { cpuOf, fail2ban, Tool, until } from "./burst_peers.ts";
import { printTable } from "./measure.ts";

/** Prints what a start with so many bans takes fail2ban, if that is installed. */
export async function printPeer(bans: number): Promise<void> {
  const heads = ["fail2ban", "bans", "s until all are in force", "CPU s until then, all processes"];
  const isThere = await Deno.stat(fail2ban.program).then(() => true, () => false);
  printTable([heads, isThere ? await measureStart(bans) : ["not installed", "", "", ""]]);
}

async function measureStart(bans: number): Promise<(string | number)[]> {
  const folder = await Deno.makeTempDir({ prefix: "banjo-bench-" });
  await using network = await Network.create();
  try {
    const log = `${folder}/auth.log`;
    await Deno.writeTextFile(log, "");
    const [program, ...args] = network.on("server", ...await fail2ban.command(folder, log));
    {
      // The first start makes the database.
      await using tool = new Tool(program!, args, `${folder}/first`);
      await until(() => tool.hasSaid(fail2ban.ready));
    }
    fill(`${folder}/bans.sqlite3`, bans);
    const start = performance.now();
    await using tool = new Tool(program!, args, `${folder}/second`);
    await until(async () => {
      const list = ["/usr/sbin/nft", "list", "set", ...fail2ban.set];
      const { stdout } = await network.exec("server", list);
      return (stdout.match(/\b10(?:\.\d{1,3}){2}\.1\b/g)?.length ?? 0) === bans;
    });
    const seconds = (performance.now() - start) / 1000;
    return ["with nftables-allports", bans, seconds, await cpuOf(tool.pid)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** No two addresses side by side: a set of intervals would make one of them. */
function fill(path: string, bans: number): void {
  using database = new DatabaseSync(path);
  const now = Math.floor(Date.now() / 1000);
  const insert = ["bips", "bans"].map((table) =>
    database.prepare(
      `INSERT INTO ${table} (jail, ip, timeofban, bantime, bancount, data) VALUES ('bench', ?, ${now}, 3600, 1, '{"matches": [], "failures": 5}')`,
    )
  );
  database.exec("BEGIN");
  for (let index = 0; index < bans; index++) {
    const address = `10.${index >> 8 & 255}.${index & 255}.1`;
    for (const each of insert) each.run(address);
  }
  database.exec("COMMIT");
}
