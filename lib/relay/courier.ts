/** One destination's messages: gathered, sent, tried again, and none twice. */
import * as v from "valibot";
import type { Destination } from "../config/mod.ts";
import { type EventPosition, read, Unreachable } from "../control/mod.ts";
import { log } from "../log.ts";
import { replaceFile } from "../state/mod.ts";
import { deliver, DeliveryError } from "./deliver.ts";
import { Gathering } from "./digest.ts";
import { type Message, messageOf } from "./message.ts";
import { wait } from "../wait.ts";

/** What couriers share. */
export interface CourierOptions {
  readonly runtimeDir: string;
  readonly stateDir: string;
  /** What messages call this server. */
  readonly server: string;
  /** Ends the work; what is being sent is still sent. */
  readonly signal: AbortSignal;
}

/** After the first event, further ones have so long to be in the same message, in milliseconds. */
const GATHER = 3_000;
/** An agent that is not there is asked again after so long, in milliseconds. */
const RETRY_AGENT = 2_000;
/** What fails is tried again so much later, doubling, up to the longest; in milliseconds. */
const RETRY = 5_000;
const LONGEST_RETRY = 600_000;

/** Where a courier is: up to where events are told, and what is not delivered yet. */
interface Place {
  readonly position: EventPosition;
  readonly pending?: Message;
}

/** Carries a destination's messages until the signal. */
export async function carry(destination: Destination, options: CourierOptions): Promise<void> {
  const { signal, server } = options;
  const file = `notify-${destination.name}.json`;
  const save = (place: Place) => replaceFile(options.stateDir, file, [JSON.stringify(place)]);
  let place = await readPlace(`${options.stateDir}/${file}`);
  while (!signal.aborted) {
    if (place === undefined) {
      // The first time: what was before is no news.
      const position = (await ask(options, {}))?.position;
      if (position === undefined) return;
      await save(place = { position });
    }
    if (place.pending === undefined) {
      const gathered = await gather(destination, place.position, options);
      if (gathered === undefined) return;
      const pending = messageOf(server, gathered.gathering.digest());
      await save(place = { position: gathered.position, pending });
    }
    if (!await deliverAtLast(destination, place.pending!, signal)) return;
    await save(place = { position: place.position });
    await wait(destination.every, signal);
  }
}

/** Waits for events that are wanted, and for those that follow at once; undefined at the signal. */
async function gather(
  destination: Destination,
  from: EventPosition,
  options: CourierOptions,
) {
  const gathering = new Gathering(destination);
  let position = from;
  const take = async (isPatient: boolean): Promise<boolean> => {
    const page = await ask(options, { after: position, wait: isPatient });
    if (page === undefined) return true;
    for (const event of page.events) gathering.add(event);
    position = page.position;
    return page.isEnd;
  };
  while (gathering.isEmpty && !options.signal.aborted) await take(true);
  await wait(GATHER, options.signal);
  while (!await take(false)) { /* A flood has many pages. */ }
  return options.signal.aborted ? undefined : { gathering, position };
}

/** Asks the agent, and waits for one that is not there; undefined at the signal. */
async function ask(
  { runtimeDir, signal }: CourierOptions,
  query: { readonly after?: EventPosition; readonly wait?: boolean },
) {
  for (let isTold = false; !signal.aborted; isTold = true) {
    try {
      return await untilAborted(read(runtimeDir, "events", query), signal);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      if (!isTold) log.warn(error.message);
    }
    await wait(RETRY_AGENT, signal);
  }
  return undefined;
}

/** Tries until it succeeds; false at the signal. */
async function deliverAtLast(
  destination: Destination,
  message: Message,
  signal: AbortSignal,
): Promise<boolean> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await deliver(destination, message);
      log.info(`${destination.name}: sent "${message.title}"`);
      return true;
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      const rest = Math.min(
        Math.max(RETRY * 2 ** failures, error.retryAfter),
        LONGEST_RETRY,
      );
      log.warn(`${destination.name}: ${error.message}; the next try is in ${rest / 1000} s`);
      await wait(rest, signal);
    }
  }
  return false;
}

const PLACE = v.object({
  position: v.object({ history: v.number(), agent: v.string(), notices: v.number() }),
  pending: v.exactOptional(v.custom<Message>((value) => typeof value === "object")),
});

/** Where the last relay was; undefined where there was none, or its file is damaged. */
async function readPlace(path: string): Promise<Place | undefined> {
  try {
    return v.parse(PLACE, JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      log.warn(`Cannot use ${path}, and begin anew: ${(error as Error).message}`);
    }
    return undefined;
  }
}

/** What a promise gives; undefined once the signal comes, for whatever comes later nobody waits. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  promise.catch(() => {});
  const aborted = Promise.withResolvers<undefined>();
  const stop = () => aborted.resolve(undefined);
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
