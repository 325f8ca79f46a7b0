/** The agent's end of the control socket. */
import * as v from "valibot";
import {
  controlSocket,
  errorCodes,
  type GuardedHandlers,
  type GuardedMethods,
  type Handlers,
  type MethodName,
  MOST_BANS,
  readingMethods,
  readSocket,
} from "./protocol.ts";
import { answer, type Answers, failure, type Parameters } from "./rpc.ts";
import { LineSocket } from "./socket.ts";

/** No request is longer: room for some ten thousand addresses. In bytes. */
const LONGEST_REQUEST = 1 << 20;
const MOST_CLIENTS = 64;

/**
 * Answers requests on the control socket of a runtime folder until it is closed.
 * @throws {Error} where another agent answers there, or the folder cannot be written.
 */
export function serveControl(runtimeDir: string, handlers: Handlers): Promise<LineSocket> {
  return serve(controlSocket(runtimeDir), "banjo", parameters, handlers);
}

/**
 * The same for programs that are to see everything and to change nothing, on the read socket: members of the group
 * `banjo-read`. What they may change by a token is `guarded`.
 */
export function serveReading(
  runtimeDir: string,
  handlers: Handlers,
  guarded: GuardedHandlers,
): Promise<LineSocket> {
  const reading = Object.fromEntries(readingMethods.map((name) => [name, parameters[name]]));
  const all = { ...reading, ...guardedParameters };
  return serve(readSocket(runtimeDir), "banjo-read", all, { ...handlers, ...guarded });
}

function serve(
  path: string,
  group: string,
  parameters: Parameters<string>,
  handlers: Answers<string>,
): Promise<LineSocket> {
  return LineSocket.open({
    path,
    group,
    longestLine: LONGEST_REQUEST,
    mostClients: MOST_CLIENTS,
    greet: () => (line) => answer(line, parameters, handlers),
    refuse: (why) => failure(null, errorCodes.request, why),
  });
}

/** The longest ban but for one for ever, in milliseconds: its end is still a date. */
const LONGEST = 8e15;

const host = v.string();
/** As many as a screen may have rows. */
const few = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000));

const parameters: Parameters<MethodName> = {
  status: v.strictObject({}),
  jail: v.strictObject({ jail: v.string() }),
  bans: v.strictObject({
    jail: v.optional(v.string()),
    most: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_BANS))),
    prefix: v.optional(v.string()),
    covering: v.optional(host),
    after: v.optional(
      v.strictObject({
        since: v.pipe(v.string(), v.isoTimestamp()),
        jail: v.string(),
        host: v.string(),
      }),
    ),
  }),
  overview: v.strictObject({ bans: few, networks: few }),
  explain: v.strictObject({ host }),
  history: v.strictObject({
    host: v.optional(host),
    jail: v.optional(v.string()),
    since: v.optional(v.number()),
    from: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  }),
  events: v.strictObject({
    after: v.optional(v.strictObject({
      history: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      agent: v.pipe(v.string(), v.maxLength(100)),
      notices: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    })),
    since: v.optional(v.number()),
    wait: v.optional(v.boolean()),
  }),
  stopped: v.strictObject({}),
  ban: v.strictObject({
    hosts: v.pipe(v.array(host), v.minLength(1)),
    jail: v.optional(v.string()),
    for: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1), v.maxValue(LONGEST)))),
    force: v.optional(v.boolean()),
  }),
  unban: v.strictObject({
    hosts: v.union([v.literal("all"), v.pipe(v.array(host), v.minLength(1))]),
  }),
  blocklists: v.strictObject({}),
  addBlocklist: v.strictObject({
    name: v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9_-]{1,64}$/, "a name has letters, digits, - and _"),
    ),
    source: v.pipe(v.string(), v.maxLength(2000), v.regex(/^(?:https?:\/\/|\/)[^\p{Cc}]+$/u)),
  }),
  removeBlocklist: v.strictObject({ name: v.string() }),
  refreshBlocklists: v.strictObject({ name: v.optional(v.string()) }),
  reload: v.strictObject({ jail: v.optional(v.string()) }),
  stop: v.strictObject({}),
};

const guardedParameters: Parameters<keyof GuardedMethods> = {
  unban: v.strictObject({
    hosts: v.pipe(v.array(host), v.minLength(1)),
    token: v.pipe(v.string(), v.maxLength(1000)),
  }),
};
