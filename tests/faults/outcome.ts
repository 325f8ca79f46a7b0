/** What came of an attack in the end: what the jails know, what is on record, and what the kernel keeps out. */
import type { Firewall, Rule } from "../../lib/firewall/mod.ts";
import type { Json } from "../banjo.ts";

/** In an order that does not depend on how it came about, so that outcomes can be compared whole. */
export interface Outcome {
  /** By jail: how many failures and bans there were, who is failing, who is banned until when and for what. */
  readonly jails: Readonly<Record<string, Json>>;
  /** Each ban and unban, as the history has it. */
  readonly history: readonly string[];
  /** Whom each jail keeps out, by the firewall's own account. */
  readonly kernel: readonly string[];
}

/** The kernel counts in seconds from when it was told, and the machine may be busy; in milliseconds. */
const TOLERANCE = 120_000;

/** Reads it from the state folder of an agent that has ended. */
export async function readOutcome(state: string, firewall: Firewall): Promise<Outcome> {
  const snapshot = JSON.parse(await Deno.readTextFile(`${state}/state.json`));
  const history = (await Deno.readTextFile(`${state}/history.jsonl`)).split("\n").slice(0, -1);
  const now = Date.now();
  const jails: Record<string, Json> = {};
  const bans: DecidedBan[] = [];
  for (const [name, { jail }] of Object.entries<Json>(snapshot.jails)) {
    const over = new Set<Json>(
      jail.bans.filter(({ until }: Json) => until !== null && until <= now),
    );
    // Whether the end of a ban was announced before the agent ended is a matter of a second.
    for (const ban of over) {
      const expired = { kind: "unban", time: ban.until, ban: { ...ban, lines: [] } };
      history.push(JSON.stringify({ ...expired, reason: "expired" }));
    }
    bans.push(...jail.bans);
    jails[name] = {
      failed: jail.failed,
      banned: jail.banned,
      held: jail.fuse.held,
      failures: jail.failures.map((one: Json) => JSON.stringify(one)).sort(),
      bans: jail.bans.filter((ban: Json) => !over.has(ban)).map((ban: Json) => JSON.stringify(ban))
        .sort(),
    };
  }
  return {
    jails,
    history: history.map(inOneOrder).sort(),
    kernel: judgeKernel(await firewall.list(), bans),
  };
}

/** What is in one outcome and not in the other, a line each: `+` too much, `-` too little. */
export function differences(actual: Outcome, expected: Outcome): readonly string[] {
  const are = new Bag(linesOf(actual));
  const should = new Bag(linesOf(expected));
  return [
    ...linesOf(actual).filter((line) => !should.take(line)).map((line) => `+ ${line}`),
    ...linesOf(expected).filter((line) => !are.take(line)).map((line) => `- ${line}`),
  ];
}

function linesOf({ jails, history, kernel }: Outcome): readonly string[] {
  return [
    ...Object.entries(jails).flatMap(([name, { failures, bans, ...counters }]) => [
      `${name} counts ${JSON.stringify(counters)}`,
      ...failures.map((one: string) => `${name} counts failures ${one}`),
      ...bans.map((ban: string) => `${name} bans ${ban}`),
    ]),
    ...history.map((record) => `history ${record}`),
    ...kernel.map((rule) => `kernel ${rule}`),
  ];
}

/** How often each line is there. */
class Bag {
  readonly #counts = new Map<string, number>();

  constructor(lines: readonly string[]) {
    for (const line of lines) this.#counts.set(line, (this.#counts.get(line) ?? 0) + 1);
  }

  /** Takes a line out, if it is there. */
  take(line: string): boolean {
    const count = this.#counts.get(line) ?? 0;
    this.#counts.set(line, count - 1);
    return count > 0;
  }
}

/** Who is out, and where the kernel's end of a ban is not the one that was decided, that too. */
export function judgeKernel(
  rules: readonly Rule[],
  bans: readonly DecidedBan[],
): readonly string[] {
  const ends = new Map(bans.map(({ jail, host, until }) => [`${jail} ${host}`, until]));
  return rules.map(({ jail, host, until }) => {
    const end = ends.get(`${jail} ${host}`);
    const isAsDecided = until === null || end === null || end === undefined
      ? until === end
      : Math.abs(until - new Date(end).getTime()) < TOLERANCE;
    return `${jail} ${host}${isAsDecided ? "" : ` until ${until}, ${NOT_DECIDED}`}`;
  }).sort();
}

/** Whether the kernel keeps out exactly whom it should. */
export function isInForce(rules: readonly Rule[], bans: readonly DecidedBan[]): boolean {
  return rules.length === bans.length &&
    !judgeKernel(rules, bans).some((line) => line.endsWith(NOT_DECIDED));
}

/** A ban by the agent's account; its end as a number or in ISO 8601. */
export interface DecidedBan {
  readonly jail: string;
  readonly host: string;
  readonly until: number | string | null;
}

const NOT_DECIDED = "which was not decided";

/** Of each record what a simulation shows of it as well. */
export function shortHistory(history: readonly string[]): readonly string[] {
  return history.map((record) => {
    const [kind, time, , entries] = JSON.parse(record);
    const { jail, host, until, failures } = Object.fromEntries(entries);
    return JSON.stringify([kind, time, jail, host, until, failures]);
  }).sort();
}

/** The same of what `banjo simulate --json` printed. */
export function historyOfSimulation(events: readonly Json[]): readonly string[] {
  return events.map(({ event, time, jail, host, until, failures }) =>
    JSON.stringify([event, Date.parse(time), jail, host, Date.parse(until), failures])
  ).sort();
}

/** The properties of a record in one order, whether it was made or read. */
function inOneOrder(record: string): string {
  const { kind, time, ban, reason } = JSON.parse(record);
  return JSON.stringify([kind, time, reason, Object.entries(ban).sort()]);
}
