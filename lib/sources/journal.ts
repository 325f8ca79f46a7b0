import { othersTurn } from "../others_turn.ts";
import { ownCopy } from "../own_copy.ts";
import { piecesOf } from "../pieces.ts";
import { fieldsOf, type MatchGroup } from "./journalmatch.ts";
import { ENTRY_FIELDS, type JournalEntry, UPTIME_FIELDS } from "./journal_entry.ts";
import { JournalExport, MAX_ENTRY } from "./journal_export.ts";
import { collectLines, type Journalctl, killJournalctl, startJournalctl } from "./journalctl.ts";
import type { JournalPosition } from "./position.ts";
import { waitForHang } from "./silence.ts";

/** What of the journal is read, and from where. */
export interface JournalOptions {
  /** One of these groups must match: AND between fields, OR within a field. None: everything is read. */
  readonly groups: readonly MatchGroup[];
  /** Fields to deliver besides those of the groups. */
  readonly fields?: readonly string[];
  /** Whether the kernel's entries are to tell how long the machine had been running. Default: no. */
  readonly uptime?: boolean;
  /** Read the journal files of this folder instead of the system's. */
  readonly directory?: string;
  /** Read this journal namespace. */
  readonly namespace?: string;
  readonly start: JournalStart;
  /** Default: `/usr/bin/journalctl`. */
  readonly journalctl?: string;
  /** After so many milliseconds without an entry the journal is asked whether there is one. Default: two minutes. */
  readonly patience?: number;
  /** Is told what went wrong without ending the reading: journalctl's own words, entries that are none. */
  readonly onProblem?: (text: string) => void;
}

/** Go on behind a position, or begin with the entries of a time (milliseconds since the epoch). */
export type JournalStart =
  | ({ readonly kind: "cursor" } & JournalPosition)
  | { readonly kind: "since"; readonly time: number };

/** Why reading ended, in a word and, in `message`, in journalctl's own. */
export interface JournalEnd {
  /** `bad-cursor`: journalctl does not understand the cursor, so begin again by time. */
  readonly kind: "aborted" | "bad-cursor" | "ended";
  readonly message: string;
}

/** Counts since the reader was made. */
export interface JournalCounts {
  readonly entries: number;
  /** What journalctl printed that was no entry. */
  readonly malformed: number;
  /** Messages that were cut because they were too long. */
  readonly truncated: number;
  /** Entries dropped because they were longer than 8 MiB. */
  readonly oversized: number;
}

/**
 * Reads the systemd journal through one `journalctl -o export`: first what is there, journals of earlier boots too, then
 * what comes. Every matching entry is delivered once, in order. It never retries: that is its supervisor's task.
 */
export class JournalReader {
  readonly #options: JournalOptions;
  readonly #counts = { entries: 0, malformed: 0, truncated: 0, oversized: 0 };
  /** How many pieces of output have been read. */
  #pieces = 0;
  #last: string | undefined;
  /** When the last entry was logged; before there is any, from when on entries are wanted. */
  #time: number;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#last = options.start.kind === "cursor" ? options.start.cursor : undefined;
    this.#time = options.start.time;
  }

  get counts(): JournalCounts {
    return { ...this.#counts };
  }

  /**
   * Delivers entries, many at a time, until the signal aborts or journalctl ends or hangs. What `deliver` throws ends it
   * too, and is thrown on. The next entries wait until the promise of `deliver` is fulfilled. `onCaughtUp` is told once
   * all that was there at the start has been delivered.
   *
   * @throws {Deno.errors.NotFound} where there is no journalctl.
   */
  async read(
    deliver: (entries: JournalEntry[]) => void | Promise<void>,
    signal: AbortSignal,
    onCaughtUp: () => void = () => {},
  ): Promise<JournalEnd> {
    // `journalctl --follow` shows nothing of earlier boots, not even behind a cursor, so a pass without it goes first.
    const past = await this.#pass([], deliver, signal);
    if (past !== "complete") return past;
    onCaughtUp();
    // What was logged between the passes comes again from the last entry on; without --no-tail only ten would.
    const follow = await this.#pass(["--follow", "--no-tail"], deliver, signal);
    return follow !== "complete"
      ? follow
      : { kind: "ended", message: "journalctl --follow ended by itself" };
  }

  async #pass(
    mode: readonly string[],
    deliver: (entries: JournalEntry[]) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<JournalEnd | "complete"> {
    if (signal.aborted) return { kind: "aborted", message: "" };
    const child = this.#start([
      ...mode,
      this.#last === undefined ? `--since=${sinceOf(this.#time)}` : `--cursor=${this.#last}`,
    ]);
    const kill = () => killJournalctl(child);
    signal.addEventListener("abort", kill);
    const passed = new AbortController();
    const hang = this.#waitForHang(passed.signal).then((isHanging) => {
      if (isHanging) kill();
      return isHanging;
    });
    const said = collectLines(child.stderr, (line) => this.#options.onProblem?.(line));
    try {
      await this.#deliverAll(child.stdout, deliver, signal);
    } catch (error) {
      kill();
      throw error;
    } finally {
      await Promise.all([child.status, said]);
      passed.abort();
      signal.removeEventListener("abort", kill);
    }
    const { code, signal: killer, success } = await child.status;
    if (signal.aborted) return { kind: "aborted", message: "" };
    if (await hang) return { kind: "ended", message: HANGS };
    if (success) return "complete";
    const message = await said || `journalctl ended with ${killer ?? `exit status ${code}`}`;
    return { kind: /failed to seek to cursor/i.test(message) ? "bad-cursor" : "ended", message };
  }

  async #deliverAll(
    output: Journalctl["stdout"],
    deliver: (entries: JournalEntry[]) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const journal = this.#journal();
    let known = this.#last;
    let worked = 0;
    for await (const piece of piecesOf(output)) {
      this.#pieces++;
      const isSmall = PAGE <= piece.length && piece.length <= PIPE / 2;
      if (isSmall) await pause();
      const started = performance.now();
      const entries = journal.read(piece);
      if (entries.length === 0) continue;
      if (known !== undefined) {
        // A cursor's own entry comes again, unless the groups do not match it: look, never skip blindly. In front of it are
        // those of its instant that other files hold: they came in front of it before, too.
        entries.splice(0, 1 + entries.findIndex(({ cursor }) => cursor === known));
        known = undefined;
      }
      if (signal.aborted) return;
      if (entries.length === 0) continue;
      this.#count(entries);
      const last = entries.at(-1)!;
      this.#last = ownCopy(last.cursor);
      this.#time = last.time;
      await deliver(entries);
      worked += performance.now() - started;
      if (worked < SLICE) continue;
      await othersTurn();
      worked = 0;
    }
  }

  #start(mode: readonly string[]): Journalctl {
    const { groups, fields = [], uptime, directory, namespace, journalctl = JOURNALCTL } =
      this.#options;
    const all = [...ENTRY_FIELDS, ...fieldsOf(groups), ...fields, ...uptime ? UPTIME_FIELDS : []];
    // Those that begin with two underscores journalctl prints always.
    const wanted = new Set(all.filter((name) => !name.startsWith("__")));
    return startJournalctl(journalctl, [
      ...mode,
      "--output=export",
      "--no-pager",
      `--output-fields=${[...wanted].join(",")}`,
      ...(directory === undefined ? [] : [`--directory=${directory}`]),
      ...(namespace === undefined ? [] : [`--namespace=${namespace}`]),
      ...groups.flatMap((group, index) => index === 0 ? group : ["+", ...group]),
    ]);
  }

  #waitForHang(signal: AbortSignal): Promise<boolean> {
    const { patience = PATIENCE, onProblem } = this.#options;
    const missesSomething = () =>
      this.#missesSomething(signal).catch((error: Error) => {
        onProblem?.(`Cannot ask for the newest entry: ${error.message}`);
        return false;
      });
    return waitForHang({ heard: () => this.#pieces, missesSomething, patience }, signal);
  }

  /** Whether the journal's newest entry should have been delivered and has not been, or the journal does not answer. */
  async #missesSomething(signal: AbortSignal): Promise<boolean> {
    // The newest of this boot: --follow shows no other.
    const child = this.#start(["--lines=1", "--boot"]);
    const limit = AbortSignal.any([
      signal,
      AbortSignal.timeout(this.#options.patience ?? PATIENCE),
    ]);
    limit.addEventListener("abort", () => killJournalctl(child));
    const said = collectLines(child.stderr, () => {});
    let newest: JournalEntry | undefined;
    const journal = new JournalExport([], { onMalformed() {}, onOversized() {} });
    for await (const piece of piecesOf(child.stdout)) {
      newest = journal.read(piece).at(-1) ?? newest;
    }
    await Promise.all([child.status, said]);
    if (newest === undefined) return limit.aborted;
    return newest.cursor !== this.#last && newest.time >= this.#time;
  }

  #journal(): JournalExport {
    const { groups, fields = [], uptime, onProblem } = this.#options;
    const listener = {
      onMalformed: (text: string) => {
        this.#counts.malformed++;
        onProblem?.(`Cannot read a journal entry: received ${text.slice(0, 200)}`);
      },
      onOversized: () => {
        this.#counts.oversized++;
        onProblem?.(`Cannot read a journal entry: it is longer than ${MAX_ENTRY} bytes`);
      },
    };
    return new JournalExport([...new Set([...fieldsOf(groups), ...fields])], listener, uptime);
  }

  #count(entries: readonly JournalEntry[]): void {
    this.#counts.entries += entries.length;
    for (const { truncated } of entries) if (truncated) this.#counts.truncated++;
  }
}

const JOURNALCTL = "/usr/bin/journalctl";

/**
 * Nothing from a wanted service in two minutes is the rule on many servers, so what asking takes counts: about 10 ms of
 * CPU.
 */
const PATIENCE = 120_000;

const HANGS = "journalctl hangs: it does not show what the journal holds";

/**
 * journalctl writes so many bytes at a time when it has much to tell, and the pipe holds sixteen times that. A pause of a
 * millisecond, as long as the pipe is not half full, makes few large pieces of many small ones: a quarter less work.
 */
const PAGE = 4096;
const PIPE = 16 * PAGE;

/** After so much work, in milliseconds, others have their turn. */
const SLICE = 10;

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** systemd.time(7): `@` and seconds since the epoch. */
function sinceOf(time: number): string {
  return `@${Math.max(0, time / 1000).toFixed(3)}`;
}
