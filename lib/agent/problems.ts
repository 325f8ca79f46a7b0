/** What needs attention now, by what it is about. */
import type { AlarmReport } from "../control/mod.ts";

/** Keeps what is wrong. Whoever is told hears of each change, with an alarm or a recovery where it is one. */
export class Problems {
  readonly #all = new Map<string, string>();
  readonly #onChange: (alarm: AlarmReport | undefined) => void;

  constructor(onChange: (alarm: AlarmReport | undefined) => void) {
    this.#onChange = onChange;
  }

  /** Each in its own words. */
  get all(): readonly string[] {
    return [...this.#all.values()];
  }

  /** Something about `source` needs attention; null: no longer. */
  set(source: string, problem: string | null): void {
    const before = this.#all.get(source);
    if (problem === null) this.#all.delete(source);
    else this.#all.set(source, problem);
    this.#onChange(alarmOf(source, before, problem));
  }
}

function alarmOf(
  about: string,
  before: string | undefined,
  now: string | null,
): AlarmReport | undefined {
  const time = new Date().toISOString();
  if (now === null) {
    return before === undefined ? undefined : { time, event: "recovery", about, problem: before };
  }
  return before === undefined ? { time, event: "alarm", about, problem: now } : undefined;
}
