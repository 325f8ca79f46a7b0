/** A real nginx, scanned by a real client, guarded by banjo through the access log and nftables. */
import { assertEquals } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { addresses, Network } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { webPrograms, WebServer } from "./web_server.ts";

const { server, attacker, neighbour } = addresses;
const needs = { programs: [...webPrograms, "nft"] };

testAsRoot(
  "nginx: who asks for what is not there is shut out, by IPv4 and IPv6",
  needs,
  async () => {
    await using place = await guardedServer(3);
    const { web, agent } = place;
    for (
      const [site, host, banned] of [
        [server.ipv4, "attacker", attacker.ipv4],
        [`[${server.ipv6}]`, "neighbour", "2001:db8:bad:bad::/64"],
      ] as const
    ) {
      assertEquals(await web.get(host, site, "/", "/", "/"), [200, 200, 200]);
      const byThemselves = Array(3).fill("/favicon.ico");
      assertEquals(await web.get(host, site, ...byThemselves), [404, 404, 404]);
      assertEquals(await web.get(host, site, "/.env", "/wp-login.php", "/a"), [404, 404, 404]);
      await agent.waitForBan(banned);
      assertEquals(await web.get(host, site, "/"), []);
      assertEquals(await web.get("innocent", site, "/wp-login.php"), [404]);
      assertEquals(await web.get("innocent", site, "/"), [200]);
    }
    const bans = await agent.query("bans");
    const third = async (host: string) => (await place.misses(host))[2];
    assertEquals(
      bans.map(({ jail, host, since, failures }) => [jail, host, since, failures]),
      [
        ["nginx-404", attacker.ipv4, await third(attacker.ipv4), 3],
        ["nginx-404", "2001:db8:bad:bad::/64", await third(neighbour.ipv6), 3],
      ],
    );
  },
);

testAsRoot("nginx: a log that is rotated under way loses no line", needs, async (t) => {
  await using place = await guardedServer(10_000);
  const { web, agent } = place;
  let sent = 0;
  const scan = async () => {
    const paths = Array.from({ length: 100 }, (_, i) => `/${sent}-${i}`);
    sent += 100;
    assertEquals(await web.get("attacker", server.ipv4, ...paths), paths.map(() => 404));
  };
  const allCounted = () =>
    agent.waitFor(`${sent} failures`, async () => await failedOf(agent) >= sent);

  await t.step("while requests come in", async () => {
    const scans = Promise.all([scan(), scan(), scan()]);
    for (let i = 0; i < 3; i++) await web.rotate();
    await scans;
    await web.rotate();
    await scan();
    await allCounted();
    assertEquals(await failedOf(agent), sent);
  });

  await t.step("while the agent is stopped", async () => {
    await agent.stop();
    await scan();
    await web.rotate();
    await scan();
    await agent.run();
    await allCounted();
    assertEquals(await failedOf(agent), sent);
  });

  await t.step("while the agent is dead, with lines after its last save", async () => {
    await scan();
    await agent.kill9();
    await scan();
    await web.rotate();
    await scan();
    await agent.run();
    await allCounted();
    assertEquals(await failedOf(agent), sent);
  });

  await t.step("and a scan that began before it is one scan", async () => {
    await agent.configure({ "jails/test.toml": jail(web.log, sent + 2) });
    assertEquals((await agent.cli("reload")).code, 0);
    assertEquals(await web.get("attacker", server.ipv4, "/last"), [404]);
    await agent.stop();
    await web.rotate();
    assertEquals(await web.get("attacker", server.ipv4, "/last"), [404]);
    await agent.run();
    await agent.waitForBan(attacker.ipv4);
    assertEquals((await agent.query("bans"))[0].failures, sent + 2);
    assertEquals(await web.get("attacker", server.ipv4, "/"), []);
  });
});

/** A server with nginx and a running agent. */
interface GuardedServer extends AsyncDisposable {
  readonly web: WebServer;
  readonly agent: TestAgent;
  /** When an address asked in vain, by the access log, as `bans --json` writes times; what browsers ask for by themselves left out. */
  misses(address: string): Promise<readonly string[]>;
}

async function guardedServer(maxretry: number): Promise<GuardedServer> {
  await using parts = new AsyncDisposableStack();
  const network = parts.use(await Network.create());
  const web = parts.use(await WebServer.start(network));
  const agent = parts.use(
    await TestAgent.start({
      config: { "jails/test.toml": jail(web.log, maxretry) },
      place: (...command) => network.on("server", ...command),
    }),
  );
  const owned = parts.move();
  return {
    web,
    agent,
    async misses(address) {
      const lines = (await Deno.readTextFile(web.log)).split("\n");
      return lines.filter((line) => line.startsWith(`${address} `) && line.includes(" 404 "))
        .filter((line) => !line.includes("favicon")).map(timeOf);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function jail(log: string, maxretry: number): string {
  return `[nginx-404]\nenabled = true\nfiles = ["${log}"]\nmaxretry = ${maxretry}\n`;
}

async function failedOf(agent: TestAgent): Promise<number> {
  return (await agent.query("status", "nginx-404"))[0].failed.total;
}

/** The time of `[21/Nov/2026:01:25:16 +0000]`. */
function timeOf(line: string): string {
  const [, day, month, year, clock, zone] = /\[(\d+)\/(\w+)\/(\d+):([\d:]+) (.\d+)\]/.exec(line) ??
    [];
  return new Date(`${day} ${month} ${year} ${clock} ${zone}`).toISOString();
}
