import { parseNetwork } from "../address.ts";
import { ruleKey } from "./changes.ts";
import { countersBy } from "./counters.ts";
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
import { ForeignChanges } from "./nft_monitor.ts";
import {
  addEdition,
  changeElements,
  createElement,
  type Edition,
  parseSetName,
  parseStructure,
  removeEdition,
  removeTable,
  replaceTable,
  type Standing,
  table,
  type Transaction,
} from "./ruleset.ts";
import { findTool, followTool, quote, runTool, type ToolResult } from "./tool.ts";

/**
 * Bans in a table of their own, `inet banjo`; nothing outside it is touched. Each call is one run of nft and one
 * transaction, and the kernel ends bans by itself.
 */
export class Nftables implements Firewall {
  readonly name = "nftables";
  readonly batch = BATCH;
  readonly #command: readonly string[] | undefined;
  #jails: ReadonlyMap<string, Target> = new Map();
  #sets: ReadonlySet<string> = new Set();
  #edition: Edition = "";
  /** What the table was made of, elements apart, after our last change of it. */
  #structure: string | undefined;
  /** Whether somebody else has changed the table since we last put it in force. */
  #isTouched = false;

  /** `command`: nft with its leading arguments; by default it is looked for. */
  constructor(command?: readonly string[]) {
    this.#command = command;
  }

  /**
   * What is in force stays so until what is new has taken its place. Few bans take it in one transaction. Many come into force
   * part by part, beside those that are in force, which are taken away in the end: the first ones sooner, and all of a
   * million in a quarter of the time, for the kernel makes a set larger only between transactions.
   */
  async reconcile(
    targets: readonly Target[],
    rules: readonly Rule[],
    takeNewer: () => readonly Change[] = () => [],
  ): Promise<void> {
    const structure = await this.#readStructure(RESTORE);
    const standing = structure === undefined || rules.length <= PART
      ? undefined
      : parseStructure(structure);
    const isInParts = structure === undefined || standing !== undefined;
    const first = isInParts ? rules.slice(0, PART) : rules;
    this.#isTouched = false;
    this.#edition = standing?.edition === "" ? ".2" : "";
    const start = standing === undefined
      ? replaceTable(targets, first, Date.now())
      : addEdition(this.#edition, targets, first, Date.now());
    await this.#commit(RESTORE, start);
    this.#jails = new Map(targets.map((target) => [target.jail, target]));
    const changed = new Set<string>();
    for (let at = first.length; at < rules.length; at += PART) {
      const newer = takeNewer();
      for (const { rule } of newer) changed.add(ruleKey(rule));
      await this.#applyNewer(newer, standing);
      const part = rules.slice(at, at + PART).filter((rule) => !changed.has(ruleKey(rule)));
      await this.apply(part.map((rule) => ({ kind: "ban", rule })));
    }
    if (standing === undefined) return;
    await this.#commit(RESTORE, { text: removeEdition(standing), sets: this.#sets });
  }

  async apply(changes: readonly Change[]): Promise<void> {
    const due = changes.filter(({ kind }) => kind !== "expire");
    const change = (way: "create" | "replace") =>
      changeElements(this.#jails, this.#sets, due, Date.now(), way, this.#edition);
    const transaction = change("create");
    if (transaction.text === "") return;
    if (!await this.#commit(ELEMENTS, transaction, EXISTS)) {
      await this.#commit(ELEMENTS, change("replace"));
    }
  }

  /** Applies what comes while bans are put in force in parts. Whoever is unbanned is let in by the former ones, too. */
  async #applyNewer(changes: readonly Change[], former: Standing | undefined): Promise<void> {
    await this.apply(changes);
    if (former === undefined) return;
    const unbans = changes.filter(({ kind }) => kind === "unban");
    const { sets, edition } = former;
    const { text } = changeElements(this.#jails, sets, unbans, Date.now(), "replace", edition);
    if (text !== "") await this.#commit(ELEMENTS, { text, sets: this.#sets });
  }

  async list(): Promise<readonly Rule[]> {
    const asked = Date.now();
    const result = await this.#nft(["-j", "list", "table", "inet", table]);
    if (isMissing(result)) return [];
    return understood("list the bans in force", result, (json) => parseListing(json, asked));
  }

  /**
   * nft is asked whether it could create the element, without doing so: to list one element it would read all that the
   * set holds.
   */
  async locate(rule: Rule): Promise<Enforcement> {
    const { set, text } = createElement(rule, this.#edition);
    const result = await this.#nft(["-c", "-f", "-"], text);
    const isInForce = result.code !== 0 && EXISTS.test(result.stderr);
    if (!isInForce && !isMissing(result)) expectSuccess("look for a ban", result);
    return { place: `the set ${set} of the table inet ${table}`, isInForce };
  }

  async stopped(): Promise<readonly Stopped[]> {
    const args = ["-j", "-t", "list", "ruleset", "inet"];
    return understood("read the counters", await this.#nft(args), parseCounters);
  }

  /** What `nft monitor` has told of elements counts; of the rest the kernel is asked. */
  async isIntact(): Promise<boolean> {
    const structure = await this.#readStructure();
    return !this.#isTouched && structure !== undefined && structure === this.#structure;
  }

  /** `nft monitor` sleeps until the ruleset changes. */
  async watch(onChange: () => void, signal: AbortSignal): Promise<void> {
    const foreign = new ForeignChanges();
    const words = await followTool([...this.#tool, "monitor"], (lines) => {
      const seen = foreign.read(lines);
      if (seen === "nothing") return;
      if (seen === "change") this.#isTouched = true;
      onChange();
    }, signal);
    if (!signal.aborted) throw new FirewallError(`nft monitor ended: nft says: ${words}`);
  }

  async remove(): Promise<void> {
    await this.#commit("remove the bans", { text: removeTable().join("\n"), sets: new Set() });
  }

  /** Whether it was done; where nft refused it in the words that are expected, it was not. */
  async #commit(purpose: string, { text, sets }: Transaction, expected?: RegExp): Promise<boolean> {
    const result = await this.#nft(["-f", "-"], text);
    if (result.code !== 0 && expected?.test(result.stderr)) return false;
    expectSuccess(purpose, result);
    const isNewStructure = this.#structure === undefined || purpose !== ELEMENTS ||
      sets.size !== this.#sets.size;
    this.#sets = sets;
    if (isNewStructure) this.#structure = await this.#readStructure();
    return true;
  }

  /** The table without its elements and counts; undefined if there is none. Takes as long for many bans as for one. */
  async #readStructure(purpose = "check the bans in force"): Promise<string | undefined> {
    const listing = expectSuccess(
      purpose,
      await this.#nft(["-s", "-t", "list", "ruleset", "inet"]),
    );
    const start = `\n${listing.stdout}`.indexOf(`\ntable inet ${table} {`);
    return start < 0 ? undefined : listing.stdout.slice(start).split("\n}", 1)[0];
  }

  get #tool(): readonly string[] {
    return this.#command ?? [findTool("nft")];
  }

  #nft(args: readonly string[], input?: string): Promise<ToolResult> {
    return runTool([...this.#tool, ...args], input);
  }
}

/**
 * However few they are, the kernel takes some 10 ms; with 1,000 it takes nft 13, with 2,000 16 and with 4,000 36, beside a busy
 * agent half as long again. In a burst each batch is a process to start, and 2,000 at a time kept up with 44,000 bans a
 * second only.
 */
const BATCH: BatchSize = { most: 4000, quick: 1000 };

/** So many bans are restored in one transaction. */
const PART = 20_000;

const RESTORE = "put the bans in force";
const ELEMENTS = "change the bans in force";

/** The kernel's word for an element that is in a set already (EEXIST). */
const EXISTS = /: File exists$/m;

function isMissing({ code, stderr }: ToolResult): boolean {
  return code !== 0 &&
    /Error: (Could not process rule: )?No such file or directory/.test(stderr);
}

function expectSuccess(purpose: string, result: ToolResult): ToolResult {
  if (result.code === 0) return result;
  throw new FirewallError(`Cannot ${purpose}: nft says: ${mistake(result)}`);
}

/** What nft has printed, read by `parse`; what that stumbles over is no listing. */
function understood<T>(purpose: string, result: ToolResult, parse: (json: string) => T): T {
  const { stdout } = expectSuccess(purpose, result);
  try {
    return parse(stdout);
  } catch (error) {
    const why = quote((error as Error).message);
    throw new FirewallError(`Cannot ${purpose}: nft prints what is no listing: ${why}`);
  }
}

/** nft's first mistake and the statement it is in, without elements; a batch may lead to many. */
function mistake({ code, stderr }: ToolResult): string {
  const [, error, line = ""] = /Error: (.*)(?:\n(.*))?/.exec(stderr) ?? [];
  const statement = line.replace(/\{.*/, "{ ... }").trim();
  if (error !== undefined) return quote(statement === "" ? error : `${error}: in "${statement}"`);
  return stderr.trim() === "" ? `nothing, and exits with ${code}` : quote(stderr);
}

/**
 * The bans in what `nft -j list table` prints (libnftables-json(5)). `expires` is in whole seconds, rounded down.
 */
function parseListing(json: string, now: number): readonly Rule[] {
  const { nftables } = JSON.parse(json) as { nftables: readonly { readonly set?: JsonSet }[] };
  return nftables.flatMap(({ set }) => set === undefined ? [] : rulesOf(set, now));
}

interface JsonSet {
  readonly name: string;
  readonly type: unknown;
  readonly elem?: readonly (string | { readonly elem: JsonElement })[];
}

interface JsonElement {
  readonly val: unknown;
  readonly expires?: number;
}

function rulesOf({ name, type, elem = [] }: JsonSet, now: number): readonly Rule[] {
  const set = parseSetName(name);
  if (set === undefined || type !== `ipv${set.family}_addr`) return [];
  return elem.map((element) => {
    const { val, expires }: JsonElement = typeof element === "string"
      ? { val: element }
      : element.elem;
    const host = parseNetwork(`${val}/${set.length}`);
    const until = expires === undefined ? null : now + expires * 1000;
    if (host === undefined || Number.isNaN(new Date(until ?? now).getTime())) {
      throw new TypeError(`the set ${name} holds ${JSON.stringify(element)}`);
    }
    return { jail: set.jail, host, until };
  });
}

/** What the rules of each jail have stopped. */
function parseCounters(json: string): readonly Stopped[] {
  const counters = countersBy(json, table, (set) => parseSetName(set)?.jail);
  return Array.from(counters, ([jail, counter]) => ({ jail, ...counter }));
}
