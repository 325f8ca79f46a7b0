import { parseNetwork } from "../address.ts";
import { collapse, lastOfEach, ruleKey } from "./changes.ts";
import {
  type BatchSize,
  type Change,
  type Enforcement,
  type Firewall,
  FirewallError,
  type Rule,
  type Stopped,
  type Target,
} from "./firewall.ts";
import { portRanges, printRange } from "./ports.ts";
import { findTool, quote, runTool } from "./tool.ts";

/**
 * Bans as rules of ufw, in front of the administrator's. Each rule carries a comment, `banjo JAIL until TIME`, by
 * which banjo knows its own; all others are left alone, also where one of them is about the very same traffic: ufw
 * keeps one rule for that, and the administrator's stands.
 *
 * ufw changes one rule at a time, knows no timeouts, needs root, and sees what comes to this host, not what is
 * forwarded. Connections that are open stay open. Where two jails ban the same traffic of a host, the one rule
 * carries the name of the jail whose ban ends last.
 */
export class Ufw implements Firewall {
  readonly name = "ufw";
  readonly batch = BATCH;
  readonly #command: readonly string[] | undefined;
  #jails: ReadonlyMap<string, Target> | undefined;
  #rules = new Map<string, Rule>();
  /** ufw's files as they were when its rules last were those that are wanted. */
  #files: string | undefined;

  /** `command`: ufw with its leading arguments; by default it is looked for. */
  constructor(command?: readonly string[]) {
    this.#command = command;
  }

  async reconcile(targets: readonly Target[], rules: readonly Rule[]): Promise<void> {
    this.#jails = new Map(targets.map((target) => [target.jail, target]));
    this.#rules = new Map(lastOfEach(rules).map((rule) => [ruleKey(rule), rule]));
    await this.#enforce();
  }

  async apply(changes: readonly Change[]): Promise<void> {
    const { wanted, unwanted } = collapse(changes);
    for (const rule of wanted) this.#rules.set(ruleKey(rule), rule);
    for (const rule of unwanted) this.#rules.delete(ruleKey(rule));
    await this.#enforce();
  }

  async list(): Promise<readonly Rule[]> {
    await this.#assertActive();
    const rules = (await this.#added()).flatMap(({ comment, traffic }) => {
      const mark = parseMark(comment);
      const host = parseNetwork(/^from (\S+)/.exec(traffic)?.[1] ?? "");
      return mark === undefined || host === undefined ? [] : [{ ...mark, host }];
    });
    return lastOfEach(rules);
  }

  async locate(rule: Rule): Promise<Enforcement> {
    const traffic = trafficOf(rule, this.#targetOf(rule.jail));
    const rules = traffic.map((each) => `"deny ${each}"`).join(" and ");
    const isWanted = this.#rules.has(ruleKey(rule));
    return { place: `ufw: ${rules}`, isInForce: isWanted && await this.isIntact() };
  }

  /** ufw has no words for what its rules have stopped. */
  stopped(): Promise<readonly Stopped[]> {
    return Promise.resolve([]);
  }

  /** ufw keeps its rules in files and puts them back itself: whether the files are as they were left. */
  async isIntact(): Promise<boolean> {
    return this.#files === await readFiles();
  }

  async watch(onChange: () => void, signal: AbortSignal): Promise<void> {
    const watcher = Deno.watchFs(FOLDER, { recursive: false });
    const stop = () => watcher.close();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    for await (const { paths } of watcher) {
      if (paths.some((path) => FILES.includes(path))) onChange();
    }
    signal.removeEventListener("abort", stop);
  }

  async remove(): Promise<void> {
    this.#rules.clear();
    for (const { traffic } of (await this.#added()).filter(isOurs)) await this.#delete(traffic);
  }

  /**
   * Makes ufw's rules those that are wanted. Before ufw is asked its files are read: what somebody does while it is, a reset
   * above all, is found when they are compared.
   */
  async #enforce(): Promise<void> {
    for (let pass = 1; pass <= MOST_PASSES; pass++) {
      const files = await readFiles();
      await this.#assertActive();
      if (await this.#change()) continue;
      this.#files = files;
      return;
    }
    this.#files = await readFiles();
  }

  /** Changes what is not as wanted: first what opens, then what closes, then what only says otherwise. Tells whether there was any. */
  async #change(): Promise<boolean> {
    const wanted = this.#wantedRules(Date.now());
    const added = await this.#added();
    const standing = new Map(added.map((rule) => [rule.traffic, rule]));
    let isChanged = false;

    for (const { traffic } of added.filter(isOurs)) {
      if (wanted.has(traffic)) continue;
      await this.#delete(traffic);
      isChanged = true;
    }
    for (const [traffic, comment] of wanted) {
      const rule = standing.get(traffic);
      if (rule !== undefined && (!isOurs(rule) || rule.comment === comment)) continue;
      await this.#deny(rule === undefined ? ["prepend"] : [], traffic, comment);
      isChanged = true;
    }
    return isChanged;
  }

  /** The comment of each traffic to deny. */
  #wantedRules(now: number): ReadonlyMap<string, string> {
    const lastEndsLast = [...this.#rules.values()]
      .filter(({ until }) => until === null || until > now)
      .sort((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity));
    const wanted = new Map<string, string>();
    for (const rule of lastEndsLast) {
      for (const traffic of trafficOf(rule, this.#targetOf(rule.jail))) {
        wanted.set(traffic, printMark(rule));
      }
    }
    return wanted;
  }

  #targetOf(jail: string): Target {
    const target = this.#jails?.get(jail);
    if (target !== undefined) return target;
    throw new FirewallError(
      `Cannot ban for the jail ${JSON.stringify(jail)}: the firewall knows no such jail`,
    );
  }

  async #deny(how: readonly string[], traffic: string, comment: string): Promise<void> {
    const words = ["deny", ...traffic.split(" "), "comment", comment];
    await this.#tell([...how, ...words], /^(Rules? (added|inserted|updated)|Skipping)/m);
  }

  async #delete(traffic: string): Promise<void> {
    await this.#tell(
      ["delete", "deny", ...traffic.split(" ")],
      /^(Rule deleted|Could not delete non-existent rule)/m,
    );
  }

  /** ufw exits with 0 also where it did nothing: its words are what counts. */
  async #tell(args: readonly string[], success: RegExp): Promise<void> {
    const said = await this.#ufw(args);
    if (!success.test(said)) {
      throw new FirewallError(`Cannot run "ufw ${args.join(" ")}": ufw says: ${quote(said)}`);
    }
  }

  async #assertActive(): Promise<void> {
    const said = await this.#ufw(["status"]);
    if (/^Status: active/m.test(said)) return;
    throw new FirewallError(
      `Cannot ban with ufw: it says: ${quote(said)}: run \`ufw enable\`, or choose nftables`,
    );
  }

  async #added(): Promise<readonly AddedRule[]> {
    return (await this.#ufw(["show", "added"])).split("\n").flatMap(parseAdded);
  }

  async #ufw(args: readonly string[]): Promise<string> {
    const command = this.#command ?? [findTool("ufw")];
    const { code, stdout, stderr } = await runTool([...command, ...args]);
    if (code === 0) return stdout;
    const hint = stderr.includes("need to be root")
      ? ": run banjo as root, or choose nftables"
      : "";
    throw new FirewallError(
      `Cannot run "ufw ${args.join(" ")}": ufw says: ${quote(stderr || stdout)}${hint}`,
    );
  }
}

/** A rule takes ufw a third of a second, so that another jail's ban waits seven of them, and asking what there is two thirds. */
const BATCH: BatchSize = { most: 20, quick: 20 };

/** In the first a change is made, and in the second nothing is left to do; what ufw shows otherwise than told is not told it for ever. */
const MOST_PASSES = 3;

const FOLDER = "/etc/ufw";
/** Where ufw keeps what its commands set: whether it is on, and the rules. */
const FILES = ["ufw.conf", "user.rules", "user6.rules"].map((name) => `${FOLDER}/${name}`);

/** The files' contents. One that is missing is empty: ufw replaces them by renaming others. */
async function readFiles(): Promise<string> {
  const texts = FILES.map((path) => Deno.readTextFile(path).catch(() => ""));
  return (await Promise.all(texts)).join("\0");
}

/** A line of `ufw show added`. */
interface AddedRule {
  readonly action: string;
  /** All between the action and the comment, in the spelling and order of `ufw show added`. */
  readonly traffic: string;
  readonly comment: string;
}

function parseAdded(line: string): readonly AddedRule[] {
  const [, action, traffic, comment = ""] = /^ufw (\w+) (.+?)(?: comment '([^']*)')?$/.exec(line) ??
    [];
  return action === undefined || traffic === undefined ? [] : [{ action, traffic, comment }];
}

function isOurs({ action, comment }: AddedRule): boolean {
  return action === "deny" && parseMark(comment) !== undefined;
}

function printMark({ jail, until }: Rule): string {
  if (until === null || until > LAST_TIME) return `banjo ${jail}`;
  const seconds = Math.ceil(until / 1000) * 1000;
  return `banjo ${jail} until ${new Date(seconds).toISOString().replace(".000", "")}`;
}

function parseMark(comment: string): Omit<Rule, "host"> | undefined {
  const [, jail, until] =
    /^banjo ([A-Za-z0-9_-]{1,64})(?: until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ))?$/.exec(comment) ??
      [];
  if (jail === undefined) return undefined;
  return { jail, until: until === undefined ? null : Date.parse(until) };
}

/** The end of the last year that has four digits. */
const LAST_TIME = Date.UTC(9999, 11, 31);

/** How many ports one rule of ufw takes; a range counts as two. */
const PORTS_A_RULE = 15;

/** What to deny, spelled as `ufw show added` spells it. */
function trafficOf({ jail, host }: Rule, { ports, protocol }: Target): readonly string[] {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(jail)) {
    throw new FirewallError(
      `Cannot comment a rule: received the jail name ${JSON.stringify(jail)}`,
    );
  }
  if (parseNetwork(host) !== host || host.endsWith("/0")) {
    throw new FirewallError(
      `Cannot ban ${JSON.stringify(host)}: it is no address in canonical spelling`,
    );
  }
  const from = `from ${host}`;
  if (ports.length === 0) return [protocol === "all" ? from : `${from} proto ${protocol}`];
  const protocols = protocol === "all" ? ["tcp", "udp"] : [protocol];
  return protocols.flatMap((protocol) =>
    portLists(ports).map((list) => `${from} to any port ${list} proto ${protocol}`)
  );
}

function portLists(ports: readonly string[]): readonly string[] {
  const lists: string[][] = [];
  let room = 0;
  for (const range of portRanges(ports)) {
    const size = range.first === range.last ? 1 : 2;
    if (size > room) {
      lists.push([]);
      room = PORTS_A_RULE;
    }
    lists.at(-1)!.push(printRange(range, ":"));
    room -= size;
  }
  return lists.map((list) => list.join(","));
}
