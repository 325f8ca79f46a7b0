import * as v from "valibot";
import type { FilterState } from "../filter/filter.ts";
import type { BanSettings, JailState, SavedLogin, SavedMemory } from "../jail/mod.ts";
import type { FilePosition, JournalPosition } from "../sources/mod.ts";
import { BAN_SETTINGS } from "./ban_settings.ts";
import { isPlainBan, isPlainEnd, isPlainFailing, isPlainPast, listOf } from "./plain.ts";
import { BAN, COUNT, HOST, parseAs, TIME } from "./schema.ts";

/**
 * All that the agent must remember, at one instant: what the jails know, and up to where the logs have been read.
 * The two belong together: reading on from these positions with these counters is as if nothing had happened.
 */
export interface Instant {
  readonly sources: {
    readonly journal?: JournalPosition;
    /** By path. */
    readonly files: Readonly<Record<string, FilePosition>>;
  };
  /** By the jail's name. */
  readonly jails: Readonly<
    Record<string, {
      readonly jail: JailState;
      readonly filter: FilterState;
      /** What its bans went by; absent where an older banjo saved the state. */
      readonly settings?: BanSettings | undefined;
    }>
  >;
  readonly memory: SavedMemory;
  /** Who has logged in of late; absent in states that were saved before that counted. */
  readonly logins?: readonly SavedLogin[];
  /** The number of the last report of an application that is counted here; absent where there was none. */
  readonly reports?: number;
  /** The number of the last order by hand that is carried out here; absent where an older banjo saved the state. */
  readonly orders?: number;
}

/** An instant as the state file has it. */
export interface Snapshot extends Instant {
  readonly version: typeof SNAPSHOT_VERSION;
  /** The version of banjo that wrote it. */
  readonly banjo: string;
  /** When, in ISO 8601. */
  readonly saved: string;
  /** How many bytes of the history belong to it: what stands beyond will be decided once more. */
  readonly history: number;
}

/**
 * The version of the state file's format that this banjo writes, and the only one that it reads. Keys may be added without
 * a new one: an older banjo leaves out what it does not know, and a newer one does without what an older one did not
 * write. What cannot be left out so, or means something else, takes a new version.
 */
export const SNAPSHOT_VERSION = 1;

/** The state file is of a later format: not damaged, but not to be understood. */
export class NewerSnapshotError extends Error {
  override readonly name = "NewerSnapshotError";
}

/**
 * Reads a state file. It may be damaged, so nothing in it is taken on trust: hosts must be canonical, times finite.
 *
 * @throws {SyntaxError} saying where it is not as it must be.
 * @throws {NewerSnapshotError} if a later banjo wrote it.
 */
export function parseSnapshot(text: string): Snapshot {
  const value: unknown = JSON.parse(text);
  const { version } = v.is(VERSIONED, value) ? value : {};
  if (version !== undefined && version > SNAPSHOT_VERSION) {
    throw new NewerSnapshotError(
      `Cannot read state of format ${version}: this banjo knows formats up to ${SNAPSHOT_VERSION}`,
    );
  }
  return parseAs(SNAPSHOT, value);
}

/**
 * The text of a state file, in pieces that each take about a millisecond to make: an agent with a million bans has
 * other things to do meanwhile. What stands in lists has a line each, for people to read and tools to compare.
 */
export function* printSnapshot(snapshot: Snapshot): Iterable<string> {
  yield* printPieces(snapshot);
  yield "\n";
}

const ITEMS_A_PIECE = 500;

function* printPieces(value: unknown): Iterable<string> {
  if (typeof value === "object" && value !== null && Symbol.iterator in value) {
    let separator = "[\n";
    let items: string[] = [];
    for (const item of value as Iterable<unknown>) {
      items.push(JSON.stringify(item));
      if (items.length < ITEMS_A_PIECE) continue;
      yield separator + items.join(",\n");
      separator = ",\n";
      items = [];
    }
    if (items.length > 0) yield separator + items.join(",\n");
    yield separator === "[\n" && items.length === 0 ? "[]" : "]";
  } else if (typeof value === "object" && value !== null) {
    let separator = "{";
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      yield `${separator}${JSON.stringify(key)}:`;
      yield* printPieces(inner);
      separator = ",\n";
    }
    yield separator === "{" ? "{}" : "}";
  } else yield JSON.stringify(value);
}

const VERSIONED = v.object({ version: v.number() });

const ATTEMPT = v.object({
  time: TIME,
  line: v.exactOptional(v.string()),
  session: v.exactOptional(v.string()),
});

/** A host and its failures. */
export const FAILING = v.strictTuple([
  HOST,
  v.union([ATTEMPT, v.pipe(v.array(ATTEMPT), v.minLength(1))]),
]);

/** A host and when its last ban ended. */
export const END = v.strictTuple([HOST, TIME]);

const JAIL = v.object({
  failed: COUNT,
  banned: COUNT,
  failures: listOf(FAILING, isPlainFailing),
  bans: listOf(BAN, isPlainBan),
  ended: listOf(END, isPlainEnd),
  fuse: v.exactOptional(v.object({ held: COUNT, times: v.array(TIME) })),
});

const FILTER = v.pipe(
  v.object({
    lastDate: v.exactOptional(TIME),
    dateFormats: v.array(v.string()),
    sessions: v.array(v.strictTuple([
      v.string(),
      v.object({
        since: TIME,
        host: v.exactOptional(HOST),
        user: v.exactOptional(v.string()),
        severalUsers: v.exactOptional(v.boolean()),
        address: v.exactOptional(HOST),
        // The first files of this format have one line here.
        pending: v.exactOptional(
          v.union([v.array(v.string()), v.pipe(v.string(), v.transform((line) => [line]))]),
        ),
        harmless: v.exactOptional(v.array(v.string())),
        counted: v.exactOptional(v.string()),
        once: v.exactOptional(v.array(COUNT)),
        inAdvance: v.exactOptional(v.boolean()),
      }),
    ])),
    lines: v.exactOptional(v.array(v.strictTuple([v.string(), v.string()]))),
  }),
  // JSON has no undefined: a filter that has seen no date has no lastDate there.
  v.transform((state) => ({ lastDate: undefined, ...state, lines: state.lines ?? [] })),
);

const FILE_POSITION = v.object({
  // Some file systems number beyond what a number holds exactly (overlayfs with xino).
  device: v.number(),
  inode: v.number(),
  offset: COUNT,
  head: v.string(),
  time: v.exactOptional(TIME),
});

/** A host and its past bans. */
export const PAST = v.strictTuple([
  HOST,
  v.object({ bans: COUNT, forgotten: v.nullable(TIME) }),
]);

const SNAPSHOT = v.object({
  version: v.literal(SNAPSHOT_VERSION),
  banjo: v.string(),
  saved: v.pipe(v.string(), v.isoTimestamp()),
  history: COUNT,
  sources: v.object({
    journal: v.exactOptional(v.object({ cursor: v.string(), time: TIME })),
    files: v.record(
      v.string(),
      v.object({
        ...FILE_POSITION.entries,
        rotated: v.exactOptional(v.array(FILE_POSITION)),
      }),
    ),
  }),
  jails: v.record(
    v.string(),
    v.object({ jail: JAIL, filter: FILTER, settings: v.optional(BAN_SETTINGS) }),
  ),
  logins: v.exactOptional(v.array(v.strictTuple([HOST, TIME]))),
  reports: v.exactOptional(COUNT),
  orders: v.exactOptional(COUNT),
  memory: v.record(v.string(), listOf(PAST, isPlainPast)),
});
