/** The shapes of values that both state files hold. Nothing read is taken on trust. */
import * as v from "valibot";
import type { Host } from "../address.ts";
import { isHost } from "./plain.ts";

/** Milliseconds since the epoch. */
export const TIME = v.pipe(v.number(), v.finite());

/** A whole number, 0 or more. */
export const COUNT = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A canonical address or network, or an id. */
export const HOST = v.custom<Host>(
  isHost,
  "Invalid host: Expected a canonical address or network, or an id",
);

/** What a jail saves of a ban. */
export const BAN = v.object({
  jail: v.string(),
  host: HOST,
  since: TIME,
  until: v.nullable(TIME),
  failures: COUNT,
  bans: COUNT,
  lines: v.array(v.string()),
  cause: v.picklist(["failures", "manual", "adopted"]),
});

/** Checks a value against a schema. @throws {SyntaxError} saying where it is not as it must be. */
export function parseAs<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new SyntaxError(path === null ? issue.message : `${path}: ${issue.message}`);
}
