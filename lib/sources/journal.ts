import { ownCopy } from "../own_copy.ts";
import { fieldsOf, type MatchGroup } from "./journalmatch.ts";
import { ENTRY_FIELDS, type JournalEntry } from "./journal_entry.ts";
import { JournalJson } from "./journal_json.ts";
import type { JournalPosition } from "./position.ts";
import { wholeLines } from "./whole_lines.ts";

/** What of the journal is read, and from where. */
export interface JournalOptions {
  /** One of these groups must match: AND between fields, OR within a field. None: everything is read. */
  readonly groups: readonly MatchGroup[];
  /** Fields to deliver besides those of the groups. */
  readonly fields?: readonly string[];
  /** Read the journal files of this folder instead of the system's. */
  readonly directory?: string;
  /** Read this journal namespace. */
  readonly namespace?: string;
  readonly start: JournalStart;
  /** Default: `/usr/bin/journalctl`. */
  readonly journalctl?: string;
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
  /** Lines of journalctl that were no entries. */
  readonly malformed: number;
  /** Messages that were cut because they were too long. */
  readonly truncated: number;
  /** Entries dropped because they were longer than {@linkcode MAX_LINE}. */
  readonly oversized: number;
}

/**
 * Reads the systemd journal through one `journalctl -o json`: first what is there, journals of earlier boots too, then
 * what comes. Every matching entry is delivered once, in order. It never retries: that is its supervisor's task.
 */
export class JournalReader {
  readonly #options: JournalOptions;
  readonly #counts = { entries: 0, malformed: 0, truncated: 0, oversized: 0 };
  readonly #json: JournalJson;
  #last: string | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#json = new JournalJson([
      ...new Set([...fieldsOf(options.groups), ...options.fields ?? []]),
    ]);
    this.#last = options.start.kind === "cursor" ? options.start.cursor : undefined;
  }

  get counts(): JournalCounts {
    return { ...this.#counts };
  }

  /**
   * Delivers entries, many at a time, until the signal aborts or journalctl ends. What `deliver` throws ends it too,
   * and is thrown on. The next entries wait until the promise of `deliver` is fulfilled. `onCaughtUp` is told once
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
    const child = new Deno.Command(this.#options.journalctl ?? "/usr/bin/journalctl", {
      args: [...mode, ...this.#arguments()],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      clearEnv: true,
      // The folder that we were started in may be closed to us.
      cwd: "/",
      env: { LC_ALL: "C" },
    }).spawn();
    const terminate = () => terminateChild(child);
    signal.addEventListener("abort", terminate);
    const said = collect(child.stderr, (line) => this.#options.onProblem?.(line));
    try {
      const blocks = wholeLines(child.stdout, {
        longest: MAX_LINE,
        onOversized: () => this.#dropOversized(),
        settle: (length) => PAGE <= length && length <= PIPE / 2 ? pause() : undefined,
      });
      let known = this.#last;
      for await (const block of blocks) {
        const entries = this.#parse(block);
        if (entries.length === 0) continue;
        // A cursor's own entry comes first again, unless the groups do not match it: look, never skip blindly.
        if (entries[0]!.cursor === known) entries.shift();
        known = undefined;
        if (signal.aborted) break;
        if (entries.length === 0) continue;
        this.#counts.entries += entries.length;
        this.#last = ownCopy(entries.at(-1)!.cursor);
        await deliver(entries);
      }
    } catch (error) {
      terminate();
      throw error;
    } finally {
      await Promise.all([child.status, said]);
      signal.removeEventListener("abort", terminate);
    }
    const { code, signal: killer, success } = await child.status;
    if (signal.aborted) return { kind: "aborted", message: "" };
    if (success) return "complete";
    const message = await said || `journalctl ended with ${killer ?? `exit status ${code}`}`;
    return { kind: /failed to seek to cursor/i.test(message) ? "bad-cursor" : "ended", message };
  }

  #arguments(): string[] {
    const { groups, fields = [], directory, namespace, start } = this.#options;
    // Those that begin with two underscores journalctl prints always.
    const wanted = new Set([...ENTRY_FIELDS.slice(2), ...fieldsOf(groups), ...fields]);
    return [
      "--output=json",
      "--all",
      "--no-pager",
      `--output-fields=${[...wanted].join(",")}`,
      ...(directory === undefined ? [] : [`--directory=${directory}`]),
      ...(namespace === undefined ? [] : [`--namespace=${namespace}`]),
      this.#last === undefined ? `--since=${sinceOf(start.time)}` : `--cursor=${this.#last}`,
      ...groups.flatMap((group, index) => index === 0 ? group : ["+", ...group]),
    ];
  }

  #parse(block: Uint8Array): JournalEntry[] {
    const entries = this.#json.read(block, (line) => this.#reportMalformed(line));
    for (const { truncated } of entries) if (truncated) this.#counts.truncated++;
    return entries;
  }

  #reportMalformed(line: string): void {
    if (line === "" || line.startsWith("-- ")) return; // journalctl's remarks, such as "-- No entries --"
    this.#counts.malformed++;
    this.#options.onProblem?.(`Cannot read a journal entry: received ${line.slice(0, 200)}`);
  }

  #dropOversized(): void {
    this.#counts.oversized++;
    this.#options.onProblem?.(
      `Cannot read a journal entry: it is longer than ${MAX_LINE} bytes`,
    );
  }
}

/** The longest line of journalctl that is parsed, in bytes: a message as bytes takes up to four for each. */
export const MAX_LINE = 8 * 1024 * 1024;

/**
 * journalctl writes so many bytes at a time when it has much to tell, and the pipe holds sixteen times that. A pause of a
 * millisecond, as long as the pipe is not half full, makes few large pieces of many small ones: a quarter less work.
 */
const PAGE = 4096;
const PIPE = 16 * PAGE;

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** systemd.time(7): `@` and seconds since the epoch. */
function sinceOf(time: number): string {
  return `@${Math.max(0, time / 1000).toFixed(3)}`;
}

/** Hands on the lines of a child's standard error, and returns the last of them when it closes. */
async function collect(
  stderr: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<string> {
  const decoder = new TextDecoder();
  const last: string[] = [];
  for await (const block of wholeLines(stderr, { longest: MAX_LINE, onOversized: () => {} })) {
    for (const line of decoder.decode(block).split("\n").filter((line) => line !== "")) {
      last.push(line);
      if (last.length > 20) last.shift();
      onLine(line);
    }
  }
  return last.join("\n");
}

function terminateChild(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch (error) {
    // The only complaint there is: it has ended already.
    if (!(error instanceof TypeError)) throw error;
  }
}
