import { formatDuration, parseDuration } from "../config/mod.ts";
import { ConfError, type Value } from "./place.ts";

/**
 * Reads a length of time as fail2ban does, in milliseconds; Infinity for ever, which any negative number means. What it
 * calculates (`60*60*24`) is calculated as far as it is a product, and a `#` begins a remark.
 *
 * @throws {ConfError} where it is none.
 */
export function readDuration(value: Value): number {
  const { place } = value;
  const text = writtenIn(value);
  const factors = text.split("*").map((factor) => factor.trim());
  if (/^-\s*\d/.test(text)) return Infinity;
  try {
    const [first, ...others] = factors;
    return others.reduce((product, factor) => product * readFactor(factor), parseDuration(first!));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfError(place, error.message);
  }
}

/** A length of time as it is written into banjo's configuration: as the user had it, where that can be kept. */
export function printDuration(value: Value): string {
  const duration = readDuration(value);
  const text = writtenIn(value);
  const isKept = duration !== Infinity && /^[\d.]+\s*[a-z]/i.test(text) && !text.includes("*");
  return isKept ? text : formatDuration(duration);
}

function writtenIn({ text }: Value): string {
  return text.replace(/#.*/s, "").trim();
}

function readFactor(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw new RangeError(
    `Cannot calculate with ${JSON.stringify(text.slice(0, 60))}: expected a number`,
  );
}
