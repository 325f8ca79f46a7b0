/** What V8 is asked to do about its memory. */

/** A larger heap is in use, and going through it would hold up the reading. In bytes. */
const SMALL = 32 * 1024 * 1024;

/**
 * Gives back the memory that starting took and nothing needs any more: V8 by itself waits for the heap to grow, which
 * that of an idle agent never does. Takes some 20 ms; nothing without V8's flag `--expose-gc`.
 */
export function returnSpareMemory(): void {
  const { gc } = globalThis as { gc?: (options: Readonly<Record<string, string>>) => void };
  if (gc === undefined || Deno.memoryUsage().heapUsed > SMALL) return;
  gc({ type: "major", execution: "sync", flavor: "last-resort" });
}
