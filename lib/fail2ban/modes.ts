import type { Conf } from "./conf.ts";
import type { Value } from "./place.ts";

/** An option whose value makes up the name of another one, as `mode = bogus` does in `<mdre-<mode>>`, which is not there. */
export interface Mistyped {
  readonly option: string;
  readonly value: string;
  /** The name that it makes. */
  readonly name: string;
  /** The values for which there is such an option; at least one. */
  readonly choices: readonly string[];
}

/** The modes that a filter has by the names of its options: those for which each name made of the mode exists. */
export function modesOf(conf: Conf): readonly string[] {
  return choicesOf(conf, "mode");
}

/** The mode of a jail that names none; undefined where the filter does not say. */
export function usualMode(conf: Conf): string | undefined {
  const value = conf.raw("Init", "mode") ?? conf.raw("Definition", "mode");
  return value?.text.trim();
}

/** The choice that is to blame for a `<name>` left in a pattern. `valueOf`: what an option of the filter is. */
export function mistypedIn(
  text: string,
  conf: Conf,
  valueOf: (option: string) => string | undefined,
): Mistyped | undefined {
  for (const { head, option, tail } of compositionsIn(conf)) {
    const value = valueOf(option);
    const name = `${head}${value}${tail}`;
    if (value === undefined || !text.includes(`<${name}>`)) continue;
    const choices = choicesOf(conf, option);
    if (choices.length > 0) return { option, value, name, choices };
  }
  return undefined;
}

/** A name with an option's value in it: `<mdre-<mode>>`. */
interface Composition {
  readonly head: string;
  readonly option: string;
  readonly tail: string;
}

function compositionsIn(conf: Conf): readonly Composition[] {
  return [...optionsIn(conf).values()].flatMap(({ text }) =>
    [...text.matchAll(/<([^<>\s]*)<([^<>\s]+)>([^<>\s]*)>/g)]
      .map(([, head, option, tail]) => ({ head: head!, option: option!, tail: tail! }))
  );
}

function choicesOf(conf: Conf, option: string): readonly string[] {
  const names = [...optionsIn(conf).keys()];
  const choices = compositionsIn(conf).filter((made) => made.option === option)
    .map(({ head, tail }) =>
      names.filter((name) => name.startsWith(head) && name.endsWith(tail))
        .map((name) => name.slice(head.length, name.length - tail.length))
    );
  return choices[0]?.filter((choice) =>
    /^\w+$/.test(choice) && choices.every((some) => some.includes(choice))
  ) ?? [];
}

function optionsIn(conf: Conf): ReadonlyMap<string, Value> {
  return new Map([
    ...conf.defaults,
    ...conf.sections.get("Definition") ?? [],
    ...conf.sections.get("Init") ?? [],
  ]);
}
