import { assertEquals, assertMatch } from "@std/assert";
import { enforcementOf } from "../../lib/fail2ban/actions.ts";
import { parseReferences } from "../../lib/fail2ban/bracket_options.ts";

const place = { file: "jail.conf", line: 1 };
/** Actions of somebody's own. */
const COMMANDS: Readonly<Record<string, string>> = {
  "docker-user": "iptables -I DOCKER-USER -s <ip> -j DROP",
  "my-chain": "<iptables> -I <chain> -p <protocol> -j f2b-<name>",
  "my-ports": "nft add rule x y <protocol> dport <port> ip saddr <ip> drop",
  "my-ufw": "ufw deny from <ip>",
  "my-bot": "curl https://example.org -d 'iptablesque <ip>'",
};

function enforcement(actions: string) {
  const { firewall, ports, protocol, notes } = enforcementOf(
    parseReferences(actions, place),
    place,
    (name) => COMMANDS[name] ?? "",
  );
  return [firewall, ports.join(), protocol, notes.length];
}

Deno.test("firewall actions close the ports that they are given", () => {
  const cases: [string, [string, string, string, number]][] = [
    ['iptables-multiport[port="ssh,2222", protocol="tcp"]', ["nftables", "ssh,2222", "tcp", 0]],
    ["nftables[port=80, protocol=udp]", ["nftables", "80", "udp", 0]],
    ["nftables[type=allports, port=80]", ["nftables", "", "tcp", 0]],
    ["iptables-allports[port=80, protocol=udp]", ["nftables", "", "udp", 0]],
    ["firewallcmd-allports[port=80]", ["nftables", "", "all", 0]],
    ["firewallcmd-ipset[port=6000:6010]", ["nftables", "6000-6010", "tcp", 0]],
    ["firewallcmd-ipset[port=1, actiontype=<allports>]", ["nftables", "", "tcp", 0]],
    ['iptables-multiport[port="0:65535"]', ["nftables", "", "tcp", 0]],
    ["shorewall", ["nftables", "", "all", 0]],
    ["ufw[port=80]", ["ufw", "", "all", 0]],
    [
      "iptables[port=53, protocol=tcp]\n iptables[port=53, protocol=udp]",
      ["nftables", "53", "all", 0],
    ],
    ["iptables-multiport[port=80]\n sendmail-whois[name=x]", ["nftables", "80", "tcp", 1]],
    ["iptables-multiport[port='80,nonesuch']", ["nftables", "80", "tcp", 1]],
    ["docker-user[port=80, protocol=tcp]", ["nftables", "", "all", 1]],
    ["my-chain[port=80, protocol=tcp]", ["nftables", "", "tcp", 1]],
    ["my-ports[port=80, protocol=udp]", ["nftables", "80", "udp", 1]],
    ["my-ufw[port=80]", ["ufw", "", "all", 1]],
    ["my-bot", ["dry-run", "", "all", 2]],
    ["sendmail[name=x]", ["dry-run", "", "all", 2]],
    ["", ["dry-run", "", "all", 1]],
  ];
  for (const [actions, expected] of cases) assertEquals(enforcement(actions), expected, actions);
});

Deno.test("an action that sends messages to the web is noted with the kind of message to write instead", () => {
  const commands: Readonly<Record<string, [string, string]>> = {
    "telegram": ["/usr/local/bin/tell <ip>", 'kind = "telegram"'],
    "my-chat": ["wget -q https://hooks.slack.com/services/x --post-data=<ip>", 'kind = "slack"'],
    "my-bot": ["curl -s -X POST <url> -d <ip>", 'kind = "webhook"'],
    "apprise": ["printf %%b <ip> | apprise -c /etc/apprise.conf", 'kind = "webhook"'],
    "my-script": ["/usr/local/bin/tell https://example.org <ip>", 'kind = "webhook"'],
    "my-log": ["echo <ip> >> /var/log/curling.log", "history.jsonl"],
  };
  for (const [name, [command, advice]] of Object.entries(commands)) {
    const { notes } = enforcementOf(
      parseReferences(`iptables ${name}[a=b]`, place),
      place,
      () => command,
    );
    assertEquals(notes.length, 1, name);
    assertEquals(notes[0]!.advice.includes(advice), true, notes[0]!.advice);
    assertEquals(notes[0]!.advice.includes("[notify.NAME]"), advice.startsWith("kind"), name);
  }
});

Deno.test("every other action is noted with what to do", () => {
  for (const name of ["mail-whois", "abuseipdb", "cloudflare", "my-own", "nginx-block-map"]) {
    const { notes } = enforcementOf(
      parseReferences(`iptables ${name}[a=b]`, place),
      place,
      () => "",
    );
    assertEquals(notes.length, 1, name);
    assertMatch(notes[0]!.message, new RegExp(`the action \`${name}\` did not come over`));
    assertEquals(notes[0]!.advice.length > 0, true);
  }
});
