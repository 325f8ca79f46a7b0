/**
 * A copy of a text that stands alone in memory. V8 keeps a part of a string as a view into the whole, so a line kept
 * for days would hold on to the block of the log that it was cut from. Short texts V8 copies by itself.
 */
export function ownCopy(text: string): string {
  return text.length < MIN_SLICE ? text : (" " + text).slice(1);
}

/** V8's SlicedString::kMinLength. */
const MIN_SLICE = 13;
