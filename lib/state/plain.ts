/**
 * Quick checks of what a state file holds most of. What passes is as the schema wants it and is taken as it is; whatever
 * does not is for the schema, which says what is wrong with it. Checking and copying a hundred thousand bans by the
 * schema takes 0.2 s, this 0.02.
 */
import * as v from "valibot";
import { isAddress, parseNetwork } from "../address.ts";

/** A list of which each item passes the quick check, or else by the schema's word. */
export function listOf<const S extends v.GenericSchema>(
  item: S,
  isPlain: (value: unknown) => boolean,
): v.GenericSchema<readonly v.InferInput<S>[], readonly v.InferOutput<S>[]> {
  const asItIs = v.custom<readonly v.InferOutput<S>[]>(() => true);
  const checked = v.array(item);
  return v.lazy((value) => Array.isArray(value) && value.every(isPlain) ? asItIs : checked);
}

/** A canonical address or network, or an id. */
export function isHost(value: unknown): value is string {
  return typeof value === "string" && (!isAddress(value) || parseNetwork(value) === value);
}

/** A ban. */
export function isPlainBan(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length !== 8) return false;
  const { jail, host, since, until, failures, bans, lines, cause } = value;
  return typeof jail === "string" && isHost(host) && isTime(since) &&
    (until === null || isTime(until)) && isCount(failures) && isCount(bans) &&
    Array.isArray(lines) && lines.every((line) => typeof line === "string") &&
    (cause === "failures" || cause === "manual" || cause === "adopted");
}

/** A host and its past bans. */
export function isPlainPast(value: unknown): boolean {
  if (!isHostPair(value) || !isObject(value[1])) return false;
  const { bans, forgotten } = value[1];
  return isCount(bans) && (forgotten === null || isTime(forgotten)) &&
    Object.keys(value[1]).length === 2;
}

/** A host and a time. */
export function isPlainEnd(value: unknown): boolean {
  return isHostPair(value) && isTime(value[1]);
}

/** A host and its failures. */
export function isPlainFailing(value: unknown): boolean {
  if (!isHostPair(value)) return false;
  const attempts = value[1];
  if (!Array.isArray(attempts)) return isAttempt(attempts);
  return attempts.length > 0 && attempts.every(isAttempt);
}

function isAttempt(value: unknown): boolean {
  if (!isObject(value) || !isTime(value["time"])) return false;
  for (const key of Object.keys(value)) {
    if (key === "time") continue;
    if ((key !== "line" && key !== "session") || typeof value[key] !== "string") return false;
  }
  return true;
}

function isHostPair(value: unknown): value is readonly [string, unknown] {
  return Array.isArray(value) && value.length === 2 && isHost(value[0]);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && value as number >= 0;
}
