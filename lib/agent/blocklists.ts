/** Published lists: what is in them, and that the kernel keeps them out. */
import { contains, type Host, isAddress, networksAround } from "../address.ts";
import { fetchedName, LARGEST_LIST, parseList } from "../blocklist/mod.ts";
import { type BlocklistReport, errorCodes, type ListedReport, RpcError } from "../control/mod.ts";
import { ListTable } from "../firewall/mod.ts";
import { log } from "../log.ts";
import {
  hasCopy,
  type ListEntry,
  readCopy,
  readRegistry,
  removeCopy,
  writeCopy,
  writeRegistry,
} from "./blocklist_files.ts";

/** What keeping lists needs of the agent. */
export interface BlocklistsOptions {
  readonly stateDir: string;
  /** Whether the kernel is to be left alone. */
  readonly isDryRun: boolean;
  /** Something needs attention; null: no longer. */
  onProblem(source: string, problem: string | null): void;
}

/** What is known of a list that was read. */
interface Content {
  /** Of the file that it was read from: another one is read anew. */
  readonly stamp: string;
  readonly updated: number;
  readonly entries: number;
  readonly leftOut: number;
}

/** So many lists are enough: each prefix length in one is a look at every packet. */
const MOST_LISTS = 20;

/** So much is told of what the relay says, in characters. */
const LONGEST_WHY = 500;

/** Keeps lists, from what was remembered of them on. */
export class Blocklists {
  readonly #options: BlocklistsOptions;
  readonly #table = new ListTable();
  #entries: readonly ListEntry[];
  readonly #contents = new Map<string, Content>();
  readonly #problems = new Map<string, string>();
  #spared: string | undefined;
  /** What is in the kernel is not what it should be. */
  #isStale = true;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: BlocklistsOptions, entries: readonly ListEntry[]) {
    this.#options = options;
    this.#entries = entries;
  }

  /** @throws {Error} where what is remembered cannot be read just now. */
  static async open(options: BlocklistsOptions): Promise<Blocklists> {
    return new Blocklists(options, await readRegistry(options.stateDir));
  }

  /** Every list as it is now, with what it has stopped. */
  async reports(): Promise<readonly BlocklistReport[]> {
    await this.#inTurn(() => this.#lookAtAll());
    const counts = this.#options.isDryRun ? [] : await this.#table.counts().catch(() => []);
    return await Promise.all(this.#entries.map(async ({ name, source, requested }) => {
      const content = this.#contents.get(name);
      const count = counts.find(({ list }) => list === name);
      return {
        name,
        source,
        requested: new Date(requested).toISOString(),
        updated: content === undefined ? null : new Date(content.updated).toISOString(),
        entries: content?.entries ?? null,
        leftOut: content?.leftOut ?? 0,
        stopped: count === undefined ? null : { packets: count.packets, bytes: count.bytes },
        problem: this.#problems.get(name) ?? await this.#whyNotFetched(name, source),
      };
    }));
  }

  /** Which lists keep a canonical host out, and by which of their networks. */
  async keepingOut(host: Host, spared: readonly Host[]): Promise<readonly ListedReport[]> {
    if (!isAddress(host) || spared.some((each) => contains(each, host))) return [];
    const { isDryRun } = this.#options;
    const listed: ListedReport[] = [];
    for (const { name } of this.#entries) {
      const text = `\n${await readCopy(this.#options.stateDir, name)}`;
      const entry = networksAround(host).find((network) => text.includes(`\n${network}\n`));
      if (entry !== undefined) listed.push({ list: name, entry, isDryRun });
    }
    return listed;
  }

  /** @throws {RpcError} where there is one of that name, or are too many. */
  async add(name: string, source: string, spared: readonly Host[]): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#entries.some((entry) => entry.name === name)) {
        throw new RpcError(errorCodes.refused, `There is a blocklist ${name} already`);
      }
      if (this.#entries.length >= MOST_LISTS) {
        throw new RpcError(errorCodes.refused, `There are ${MOST_LISTS} blocklists already`);
      }
      // A crash may have left one of an earlier list of that name.
      await removeCopy(this.#options.stateDir, name);
      await this.#remember([...this.#entries, { name, source, requested: Date.now() }]);
    });
    await this.check(spared);
  }

  /** @throws {RpcError} where there is none of that name. */
  async remove(name: string, spared: readonly Host[]): Promise<void> {
    await this.#inTurn(async () => {
      this.#find(name);
      await this.#remember(this.#entries.filter((entry) => entry.name !== name));
      this.#contents.delete(name);
      this.#report(name, null);
      await removeCopy(this.#options.stateDir, name);
      this.#isStale = true;
    });
    await this.check(spared);
  }

  /** Asks for a list, or all, to be fetched anew. @throws {RpcError} where there is none of that name. */
  async refresh(name: string | undefined, spared: readonly Host[]): Promise<void> {
    await this.#inTurn(async () => {
      if (name !== undefined) this.#find(name);
      const requested = Date.now();
      await this.#remember(
        this.#entries.map((entry) =>
          name === undefined || entry.name === name ? { ...entry, requested } : entry
        ),
      );
    });
    await this.check(spared);
  }

  /** Reads what has changed, and brings the kernel to it. For asking now and then. */
  check(spared: readonly Host[]): Promise<void> {
    return this.#inTurn(() => this.#check(spared));
  }

  /** Takes all lists out of the kernel. */
  async clear(): Promise<void> {
    await this.#turn;
    if (!this.#options.isDryRun) await this.#table.remove();
  }

  /** One thing after the other: each reads and writes the same files. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #check(spared: readonly Host[]): Promise<void> {
    await this.#lookAtAll();
    if (this.#options.isDryRun) return;
    try {
      const wanted = spared.toSorted().join();
      if (this.#isStale || !await this.#isInForce()) await this.#put(spared);
      else if (wanted !== this.#spared && !await this.#table.spare(spared)) await this.#put(spared);
      this.#spared = wanted;
      this.#report("", null);
    } catch (error) {
      this.#isStale = true;
      this.#report("", `Blocklists are not in force: ${(error as Error).message}`);
    }
  }

  async #isInForce(): Promise<boolean> {
    return this.#entries.length === 0 || await this.#table.isIntact();
  }

  async #put(spared: readonly Host[]): Promise<void> {
    const lists = new Map<string, readonly Host[]>();
    for (const { name } of this.#entries) {
      const text = await readCopy(this.#options.stateDir, name);
      if (text !== "") lists.set(name, parseList(text).hosts);
    }
    if (lists.size === 0) await this.#table.remove();
    else await this.#table.put(lists, spared);
    this.#isStale = false;
    log.info(`Blocklists in force: ${[...lists.keys()].join(", ") || "none"}`);
  }

  async #lookAtAll(): Promise<void> {
    for (const entry of this.#entries) await this.#look(entry);
  }

  /** Reads a list's file where it is another one. What is right with it is kept as a copy of ours. */
  async #look(entry: ListEntry): Promise<void> {
    const { name, source } = entry;
    const isFetched = !source.startsWith("/");
    const path = isFetched ? this.#fetched(name, source) : source;
    try {
      const { mtime, size, isFile } = await Deno.stat(path);
      if (!isFile) throw new Error("it is no regular file");
      if (size > LARGEST_LIST) throw new Error(`it has more than ${LARGEST_LIST} bytes`);
      const updated = mtime?.getTime() ?? 0;
      const stamp = `${updated} ${size}`;
      if (this.#contents.get(name)?.stamp === stamp) return;
      const { hosts, tooWide, reserved } = parseList(await Deno.readTextFile(path));
      await writeCopy(this.#options.stateDir, entry, hosts);
      const leftOut = tooWide + reserved;
      this.#contents.set(name, { stamp, updated, entries: hosts.length, leftOut });
      this.#isStale = true;
      this.#report(name, null);
    } catch (error) {
      // What has not been fetched yet is no mistake.
      if (isFetched && error instanceof Deno.errors.NotFound) return;
      const problem = `Cannot read the blocklist ${name} from ${path}: ${(error as Error).message}`;
      // Of one that never was, only whoever adds it is told.
      if (await hasCopy(this.#options.stateDir, name)) {
        this.#report(name, `${problem}; what it was stays`);
      } else this.#problems.set(name, problem);
    }
  }

  /** What the relay says of its last attempt to fetch a list; null: nothing is wrong. */
  async #whyNotFetched(name: string, source: string): Promise<string | null> {
    if (source.startsWith("/")) return null;
    const why = await Deno.readTextFile(`${this.#fetched(name, source)}.problem`).catch(() => "");
    return why === "" ? null : `Cannot fetch the blocklist ${name}: ${why.slice(0, LONGEST_WHY)}`;
  }

  /** Says what is wrong with a list, or with all, once. */
  #report(name: string, problem: string | null): void {
    if ((this.#problems.get(name) ?? null) === problem) return;
    if (problem === null) this.#problems.delete(name);
    else {
      this.#problems.set(name, problem);
      log.error(problem);
    }
    this.#options.onProblem(name === "" ? "blocklists" : `blocklist ${name}`, problem);
  }

  async #remember(entries: readonly ListEntry[]): Promise<void> {
    await writeRegistry(this.#options.stateDir, entries);
    this.#entries = entries;
  }

  #find(name: string): ListEntry {
    const entry = this.#entries.find((each) => each.name === name);
    if (entry !== undefined) return entry;
    throw new RpcError(errorCodes.refused, `There is no blocklist ${JSON.stringify(name)}`);
  }

  /** Where the relay puts a list that it has fetched. */
  #fetched(name: string, source: string): string {
    return `${this.#options.stateDir}-relay/lists/${fetchedName(name, source)}`;
  }
}
