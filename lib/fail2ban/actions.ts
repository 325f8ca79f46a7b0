import type { Reference } from "./bracket_options.ts";
import type { Note } from "./note.ts";
import type { Place } from "./place.ts";
import { readPorts } from "./ports.ts";

/** What a jail's actions come to: which firewall closes what. */
export interface Enforcement {
  readonly firewall: "nftables" | "ufw" | "dry-run";
  /** Empty: all ports. */
  readonly ports: readonly string[];
  readonly protocol: "tcp" | "udp" | "all";
  readonly notes: readonly Note[];
}

/**
 * Maps a jail's actions: those that drive a packet filter become banjo's, each other one becomes a note. `commandsOf`: what an
 * action of that name runs to ban somebody.
 */
export function enforcementOf(
  actions: readonly Reference[],
  place: Place,
  commandsOf: (name: string) => string,
): Enforcement {
  const notes: Note[] = [];
  const barriers: Reference[] = [];
  for (const action of actions) {
    const commands = commandsOf(action.name);
    const barrier = isBarrier(action) ? action : standIn(action, commands);
    if (barrier !== undefined) barriers.push(barrier);
    if (barrier !== action) notes.push({ place, ...otherAction(action.name, commands, barrier) });
  }
  if (barriers.length === 0) {
    notes.push({
      place,
      message: "no action of the jail drives a packet filter, so its bans are only recorded",
      advice: 'set `firewall = "nftables"` to have them put in force',
    });
    return { firewall: "dry-run", ports: [], protocol: "all", notes };
  }
  const firewall = barriers.some(({ name }) => name.startsWith("ufw")) ? "ufw" : "nftables";
  if (barriers.some(closesAll)) return { firewall, ports: [], protocol: "all", notes };
  const protocol = protocolOf(barriers);
  if (barriers.some(closesAllPorts)) return { firewall, ports: [], protocol, notes };
  const { ports, unknown } = readPorts(barriers.map(({ options }) => options.get("port") ?? ""));
  for (const port of unknown) {
    notes.push({
      place,
      message: `the port ${JSON.stringify(port)} has no number on this machine and was left out`,
      advice: "write its number into `ports`",
    });
  }
  return { firewall, ports, protocol, notes };
}

/** Actions that close the network to an address, by the names that fail2ban ships them under. */
const BARRIERS =
  /^(?:iptables|nftables|firewallcmd|ufw|shorewall|apf|route|hostsdeny|ipfw|bsd-ipfw|ipfilter|pf|npf|osx|symbiosis)\b/;

function isBarrier({ name }: Reference): boolean {
  return BARRIERS.test(name);
}

/** The barrier that does what somebody's own action does, by the commands that it runs; undefined where it closes nothing. */
function standIn({ options }: Reference, commands: string): Reference | undefined {
  if (!/<iptables>|\b(?:ip6?tables|nft|ufw|firewall-cmd|ipset)\b/.test(commands)) return undefined;
  if (/\bufw\b/.test(commands)) return { name: "ufw", options };
  if (commands.includes("<port>")) return { name: "iptables", options };
  const isBlind = !commands.includes("<protocol>");
  return { name: isBlind ? "firewallcmd-allports" : "iptables-allports", options };
}

/** Barriers that look at neither port nor protocol. */
const BLIND =
  /^(?:ufw|firewallcmd-allports|shorewall|apf|route|hostsdeny|ipfilter|symbiosis|osx-afctl)\b/;

function closesAll({ name, options }: Reference): boolean {
  if (name.startsWith("ufw") && (options.get("application") ?? "") !== "") return false;
  return BLIND.test(name);
}

function closesAllPorts({ name, options }: Reference): boolean {
  const type = options.get("type") ?? options.get("actiontype") ?? "";
  return name.includes("allports") || type.includes("allports");
}

function protocolOf(barriers: readonly Reference[]): "tcp" | "udp" | "all" {
  const named = new Set(
    barriers.flatMap(({ options }) => (options.get("protocol") ?? "tcp").split(/[\s,]+/)),
  );
  const [only] = named;
  return named.size === 1 && (only === "tcp" || only === "udp") ? only : "all";
}

function otherAction(
  name: string,
  commands: string,
  barrier?: Reference,
): Pick<Note, "message" | "advice"> {
  if (barrier !== undefined) {
    return {
      message: `the action \`${name}\` runs commands of its own: banjo's firewall takes its place`,
      advice: "see whether `ports`, `protocol` and `firewall` say what it did",
    };
  }
  if (/^(?:sendmail|mail|mutt|msmtp|smtp|complain|mynetwatchman|dshield|xarf)\b/.test(name)) {
    return {
      message: `the action \`${name}\` did not come over: banjo sends messages of its own`,
      advice: 'write a [notify.NAME] with kind = "mail" into banjo.toml: `man banjo.toml`',
    };
  }
  if (/^(?:abuseipdb|blocklist_de|ipthreat|badips)\b/.test(name)) {
    return {
      message: `the action \`${name}\` did not come over: banjo reports to no one`,
      advice: "report from history.jsonl, to which banjo adds each ban as a line of JSON",
    };
  }
  const chat = CHAT.exec(name) ?? CHAT.exec(commands);
  if (chat !== null || /\b(?:curl|wget|apprise)\b|https?:\/\//.test(commands)) {
    const [kind] = chat ?? ["webhook"];
    return {
      message: `the action \`${name}\` did not come over: banjo sends messages of its own`,
      advice:
        `write a [notify.NAME] with kind = "${kind.toLowerCase()}" into banjo.toml: \`man banjo.toml\`; ` +
        "if it does more than tell of bans, do that from history.jsonl, a line of JSON for each",
    };
  }
  return {
    message:
      `the action \`${name}\` did not come over: banjo bans in its firewall and runs no commands`,
    advice: "if it does more than ban, do that from history.jsonl, a line of JSON for each ban",
  };
}

/** Chats for which banjo has a kind of message. */
const CHAT = /telegram|slack|discord|gotify|ntfy/i;
