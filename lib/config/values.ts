/** The types of single settings, each with an error that says what would be right. */
import * as v from "valibot";
import { type Host, isAddress, parseNetwork } from "../address.ts";
import { isHostName } from "../host_name.ts";
import { parsePort } from "../firewall/mod.ts";
import { nearest } from "../nearest.ts";
import { parseDuration } from "./duration.ts";

/** Turns what TOML has into a setting of type `T`. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/** A type as JSON Schema has it (https://json-schema.org/draft-07), for editors and for documents. */
export type JsonType = Readonly<Record<string, unknown>>;

/** The type that a schema was given by {@linkcode typed}. @throws {TypeError} where it was given none. */
export function jsonTypeOf(schema: Schema<unknown>): JsonType {
  const { json } = v.getMetadata(schema) as { readonly json?: JsonType };
  if (json === undefined) throw new TypeError("Cannot tell a schema's type: it was given none");
  return json;
}

/** A schema with its type. */
export function typed<T>(json: JsonType, schema: Schema<T>): Schema<T> {
  return v.pipe(schema, v.metadata({ json }));
}

/**
 * Names of JavaScript's own, which valibot leaves out of any table that it reads, without a word: from the state a jail of
 * such a name would not come back.
 */
export const takenNames: readonly string[] = ["__proto__", "prototype", "constructor"];

/** True or false. */
export const flag: Schema<boolean> = typed(
  { type: "boolean" },
  v.boolean("expected true or false"),
);

/** A string, perhaps an empty one. */
export const anyText: Schema<string> = typed({ type: "string" }, v.string("expected a string"));

/** A string that is not empty. */
export const text: Schema<string> = typed(
  { type: "string", minLength: 1 },
  v.pipe(v.string("expected a string"), v.nonEmpty("expected a string that is not empty")),
);

/** Each takes a millisecond to compile and some memory. */
const MOST_LINES = 1000;

/** One string or a list. A string of several lines is a list as well; blank lines are left out. */
export const lines: Schema<string[]> = v.pipe(
  oneOrMany(anyText),
  v.transform((items) => items.flatMap(splitLines).filter((line) => line !== "")),
  v.maxLength(MOST_LINES, `expected at most ${MOST_LINES} of them`),
);

/** A length of time in milliseconds; Infinity for ever. */
export const duration: Schema<number> = typed(
  { type: ["number", "string"], title: "duration" },
  parsed(
    v.union([v.number(), v.string()], 'expected a duration such as 600, "10m" or "1d 12h"'),
    parseDuration,
  ),
);

/** A length of time that is longer than nothing. */
export const span: Schema<number> = v.pipe(
  duration,
  v.gtValue(0, "expected a duration longer than nothing"),
);

/** A length of time that ends. */
export const finiteDuration: Schema<number> = v.pipe(
  duration,
  v.finite("expected a duration that ends"),
);

/** A length of time that is longer than nothing and ends. */
export const finiteSpan: Schema<number> = v.pipe(
  span,
  v.finite("expected a duration that ends"),
);

/** An absolute path. */
export const path: Schema<string> = typed(
  { type: "string", pattern: "^/", title: "path" },
  v.pipe(
    v.string("expected a path"),
    v.regex(/^\/[^\0]+$/, "expected an absolute path, such as /var/log/auth.log"),
  ),
);

/** An address that a program may fetch from or send to, canonical. It holds no password: a file is the place for that. */
export const webAddress: Schema<string> = parsed(
  typed({ type: "string", pattern: "^https?://", title: "URL" }, v.string("expected a URL")),
  readWebAddress,
);

/** @throws {RangeError} where a text is no http or https URL, or has a password in it. */
export function readWebAddress(word: string): string {
  const url = URL.parse(word);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password !== "") {
    throw new RangeError(
      "expected a URL such as https://example.org/path, without a user or password",
    );
  }
  return url.href;
}

/** A mail address that no mail program takes for anything else. */
export const mailAddress: Schema<string> = typed(
  { type: "string", format: "email", title: "mail address" },
  v.pipe(
    v.string("expected a mail address"),
    v.regex(
      /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}(?:@[A-Za-z0-9][A-Za-z0-9.-]{0,252})?$/,
      "expected a mail address, such as admin@example.org or root",
    ),
  ),
);

/** ISO 8601 with date and time; without a zone it is UTC. */
export const isoTime: Schema<string> = v.pipe(
  typed(
    { type: "string", title: "time" },
    v.string('expected a time such as "2026-11-20T10:00:00Z", in quotes'),
  ),
  v.transform((time) => /(?:Z|[+-]\d\d:\d\d)$/.test(time) ? time : `${time}Z`),
  v.check(
    (time) => time.includes("T") && !Number.isNaN(Date.parse(time)),
    'expected a time such as "2026-11-20T10:00:00Z"',
  ),
);

/** Ports, as numbers or names, ranges among them; several may stand in one string, between commas. `all` gives none. */
export const ports: Schema<string[]> = v.pipe(
  oneOrMany(
    parsed(
      typed(
        { type: ["integer", "string"], title: "port" },
        v.union([v.number(), v.string()], "expected a port, as a number or a name"),
      ),
      (port) => splitWords(String(port)).map((word) => word === "all" ? word : parsePort(word)),
    ),
  ),
  v.transform((lists) => {
    const all = new Set(lists.flat());
    return all.has("all") ? [] : [...all];
  }),
);

/** What `ignoreip` says: what it names, and what is yet to be looked up, host names and `file:PATH`. */
export interface Ignored {
  /** Addresses, networks and ids. */
  readonly networks: readonly Host[];
  readonly lookups: readonly string[];
}

/** Several may stand in one string, between commas or blanks. */
export const ignored: Schema<Ignored> = v.pipe(
  oneOrMany(parsed(anyText, (words) => splitWords(words).map(readIgnored))),
  v.transform((lists) => {
    const all = [...new Set(lists.flat())];
    const isKnown = (entry: string) => !isAddress(entry) || parseNetwork(entry) === entry;
    return {
      networks: all.filter(isKnown),
      lookups: all.filter((entry) => !isKnown(entry)),
    };
  }),
);

/** A whole number within bounds. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): Schema<number> {
  const bounds = most === Number.MAX_SAFE_INTEGER
    ? `of at least ${least}`
    : `from ${least} to ${most}`;
  const message = `expected a whole number ${bounds}`;
  const maximum = most === Number.MAX_SAFE_INTEGER ? {} : { maximum: most };
  return typed(
    { type: "integer", minimum: least, ...maximum },
    v.pipe(
      v.number(message),
      v.safeInteger(message),
      v.minValue(least, message),
      v.maxValue(most, message),
    ),
  );
}

/** A number that may have a fraction. */
export function number(least: number): Schema<number> {
  const message = `expected a number of at least ${least}`;
  return typed(
    { type: "number", minimum: least },
    v.pipe(v.number(message), v.finite(message), v.minValue(least, message)),
  );
}

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[]): Schema<W> {
  const picked = v.picklist(words, ({ input }) => {
    const guess = typeof input === "string" ? nearest(input, words) : undefined;
    const expected = `expected ${words.map((word) => `"${word}"`).join(" or ")}`;
    return guess === undefined ? expected : `did you mean "${guess}"? ${expected}`;
  });
  return typed({ enum: words }, picked);
}

/** A value, or a list of such values. */
export function oneOrMany<T>(item: Schema<T>): Schema<T[]> {
  const json = jsonTypeOf(item);
  return typed(
    { anyOf: [json, { type: "array", items: json }] },
    v.lazy((input): Schema<T[]> =>
      Array.isArray(input) ? v.array(item) : v.pipe(item, v.transform((one) => [one]))
    ),
  );
}

/** Like {@linkcode oneOrMany}, but none is too few. */
export function someOf<T>(item: Schema<T>): Schema<T[]> {
  return v.pipe(oneOrMany(item), v.minLength(1, "expected at least one"));
}

/** What `parse` makes of a value; what it throws is what is wrong with it. */
export function parsed<I, O>(schema: Schema<I>, parse: (value: I) => O): Schema<O> {
  return v.pipe(
    schema,
    v.rawTransform<I, O>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch (error) {
        if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
        addIssue({ message: error.message });
        return NEVER;
      }
    }),
  );
}

function splitLines(value: string): string[] {
  return value.includes("\n") ? value.split("\n").map((line) => line.trim()) : [value];
}

function splitWords(value: string): string[] {
  return value.split(/[\s,]+/).filter((word) => word !== "");
}

function readIgnored(word: string): string {
  const network = isAddress(word) ? parseNetwork(word) : word;
  if (network !== undefined) return network;
  if (/^file:\/[^\0]+$/.test(word)) return word;
  // The last part of a name has a letter: what is all digits and dots is an address gone wrong.
  if (isHostName(word) && /[a-z][^.]*\.?$/i.test(word)) return word.toLowerCase();
  throw new RangeError(
    `Cannot read ${
      JSON.stringify(word)
    }: expected an address, a network such as 192.0.2.0/24, a host name or file:/PATH`,
  );
}
