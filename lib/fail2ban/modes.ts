import type { Conf } from "./conf.ts";
import type { Value } from "./place.ts";

/** A name that is made of the mode: `<mdre-<mode>>`. */
const MADE_OF_MODE = /<([^<>\s]*)<mode>([^<>\s]*)>/g;

/** The modes that a filter has by the names of its options: those for which each name made of the mode exists. */
export function modesOf(conf: Conf): readonly string[] {
  const options = new Map<string, Value>([
    ...conf.defaults,
    ...conf.sections.get("Definition") ?? [],
    ...conf.sections.get("Init") ?? [],
  ]);
  const shapes = [...options.values()].flatMap(({ text }) => [...text.matchAll(MADE_OF_MODE)]);
  if (shapes.length === 0) return [];
  const choices = shapes.map(([, head, tail]) =>
    [...options.keys()]
      .filter((name) => name.startsWith(head!) && name.endsWith(tail!))
      .map((name) => name.slice(head!.length, name.length - tail!.length))
  );
  return choices[0]!.filter((mode) =>
    /^\w+$/.test(mode) && choices.every((names) => names.includes(mode))
  );
}

/** The mode of a jail that names none; undefined where the filter does not say. */
export function usualMode(conf: Conf): string | undefined {
  const value = conf.raw("Init", "mode") ?? conf.raw("Definition", "mode");
  return value?.text.trim();
}
