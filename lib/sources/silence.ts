/** Tells a reader to whom nothing comes because it hangs from one to whom nothing comes because nothing happens. */
import { setTimeout as delay } from "node:timers/promises";

/** What is known of a reader, and of what it reads. */
export interface Silence {
  /** How much it has delivered; any measure that grows with it. */
  heard(): number;
  /** Looks at what it reads: whether it should have delivered something more. */
  missesSomething(): Promise<boolean>;
  /** So long nothing must have come before that is looked at, in milliseconds. */
  readonly patience: number;
}

/** Something missed may be on its way: so long it has to arrive, in milliseconds. */
const ON_ITS_WAY = 10_000;

/** Resolves to true once the reader hangs, and to false when the signal aborts. */
export async function waitForHang(silence: Silence, signal: AbortSignal): Promise<boolean> {
  const { patience } = silence;
  try {
    for (;;) {
      const before = silence.heard();
      await delay(patience, undefined, { signal });
      if (silence.heard() !== before || !await silence.missesSomething()) continue;
      await delay(Math.min(ON_ITS_WAY, patience), undefined, { signal });
      if (silence.heard() === before) return true;
    }
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
