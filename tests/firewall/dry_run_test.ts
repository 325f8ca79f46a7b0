import { assertEquals } from "@std/assert";
import { openFirewall, type Rule, type Target } from "../../lib/firewall/mod.ts";

const targets: readonly Target[] = [
  { jail: "sshd", ports: ["22"], protocol: "tcp", ipv4Prefix: 32, ipv6Prefix: 64 },
  { jail: "all", ports: [], protocol: "all", ipv4Prefix: 32, ipv6Prefix: 64 },
];
const short: Rule = { jail: "sshd", host: "192.0.2.7", until: Date.UTC(2100, 0, 1) };
const forever: Rule = { jail: "all", host: "2001:db8::/64", until: null };

Deno.test("dry-run: says what it would do and remembers it", async () => {
  const lines: string[] = [];
  const firewall = openFirewall("dry-run", { write: (line) => lines.push(line) });
  await firewall.reconcile(targets, [short]);
  await firewall.apply([{ kind: "ban", rule: forever }]);
  await firewall.reconcile(targets, [short, forever]);
  assertEquals(await firewall.list(), [short, forever]);
  await firewall.apply([{ kind: "unban", rule: short }, { kind: "unban", rule: short }]);
  await firewall.remove();
  assertEquals(await firewall.list(), []);
  assertEquals(lines, [
    "would ban 192.0.2.7 from tcp port 22 until 2100-01-01T00:00:00.000Z (sshd)",
    "would ban 2001:db8::/64 from all ports for ever (all)",
    "would unban 192.0.2.7 (sshd)",
    "would unban 2001:db8::/64 (all)",
  ]);
});

Deno.test("dry-run: a ban that is over is none", async () => {
  const lines: string[] = [];
  const firewall = openFirewall("dry-run", { write: (line) => lines.push(line) });
  await firewall.reconcile(targets, [{ ...short, until: Date.now() - 1 }]);
  assertEquals([await firewall.list(), lines], [[], []]);
});
