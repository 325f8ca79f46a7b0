/** The past through the code of the present: what the jails would have decided. */
import type { AgentSettings } from "../config/mod.ts";
import type { HostFacts, JailEvent, JailSettings } from "../jail/mod.ts";
import type { Instant } from "../state/mod.ts";
import { describeGivenUp } from "../filter/given_up.ts";
import { HostFactsReader } from "./host_facts.ts";
import type { Observer } from "./pipeline.ts";
import { freshState, Watch } from "./watch.ts";

/** What is replayed. */
export interface ReplayOptions {
  readonly jails: readonly JailSettings[];
  readonly agent: AgentSettings;
  /** Where reading begins, in milliseconds since the epoch; -Infinity: with what is there. */
  readonly first: number;
  readonly now: number;
  readonly observer?: Observer;
}

/** How often progress is told, in milliseconds. */
const STEP = 200;

/** What a replay found. */
export interface Replay {
  /** In the order of their times. */
  readonly events: readonly JailEvent[];
  /** Which logs could not be read, and why. */
  readonly unread: readonly string[];
  /** Whether nothing else could be read either; also where there was nothing to read, as no log exists. */
  readonly isBlind: boolean;
  /** What could not be judged, and why. */
  readonly problems: readonly string[];
  /** What was taken to be true of this host. */
  readonly facts: HostFacts;
}

/** Reads the jails' logs up to now. Nothing is changed. `onProgress` hears the share done, from 0 to 1. */
export async function replay(
  { agent, first, now, observer, ...options }: ReplayOptions,
  onProgress: (done: number) => void,
): Promise<Replay> {
  // One that is tried need not be switched on.
  const jails = options.jails.map((jail) => ({ ...jail, enabled: true }));
  const events: JailEvent[] = [];
  const unread = new Map<string, string>();
  // Who is logged in now was not then: of the past only the log tells.
  const facts = await new HostFactsReader().read(jails);
  const watch = new Watch({
    jails,
    agent,
    saved: freshState,
    savedAt: first,
    facts,
    isReplay: true,
    firstTime: () => first,
    onEvent: (event) => events.push(event),
    onGivenUp: () => {},
    onProblem: (source, problem) => {
      if (problem === null) unread.delete(source);
      else unread.set(source, problem);
    },
    onProgress: () => {},
    observer,
  });
  const timer = setInterval(() => onProgress(shareOf(watch.position, first, now)), STEP);
  watch.start();
  await watch.caughtUp;
  clearInterval(timer);
  await watch.end();
  watch.pipeline.settle();
  watch.tick(now);
  const problems: string[] = [];
  for (const { settings, filter } of watch.pipeline.posts.values()) {
    if (filter.givenUp !== undefined) problems.push(describeGivenUp(settings.name, filter.givenUp));
  }
  const { missing, position: { journal, files } } = watch;
  const hasJournal = jails.some(({ journalmatch }) => journalmatch.length > 0);
  return {
    isBlind: journal === undefined && Object.keys(files).length === 0 &&
      (unread.size > 0 || missing.length > 0 && !hasJournal),
    events: events.sort((a, b) => a.time - b.time),
    unread: [...unread.values()],
    problems,
    facts,
  };
}

/** How much has been read: of the files by size, of the journal by time; the lesser where there are both. */
function shareOf({ journal, files }: Instant["sources"], first: number, now: number): number {
  let read = 0;
  let size = 0;
  for (const [path, { offset }] of Object.entries(files)) {
    read += offset;
    size += sizeOf(path) ?? offset;
  }
  const inFiles = size === 0 ? 1 : read / size;
  const inJournal = journal === undefined ? 1 : (journal.time - first) / (now - first);
  return Math.min(inFiles, inJournal);
}

/** In bytes; undefined where nothing can be known: a log may be rotated away while it is read. */
function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch {
    return undefined;
  }
}
