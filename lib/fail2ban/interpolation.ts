import type { Conf } from "./conf.ts";
import { ConfError, type Value } from "./place.ts";
import { replaceLines } from "./value_lines.ts";

/** Values by name that come before a section's own options. */
export type Variables = ReadonlyMap<string, Value>;

/** So deep may values refer to values; fail2ban allows no more either. */
const DEEPEST = 10;

/** So many characters may a value grow to: with a few lines of a few references each there is no end otherwise. */
const LARGEST = 1024 * 1024;

/**
 * Replaces `%(name)s` in a value: by a variable, an option of the section, or of `[DEFAULT]`. `%(section/name)s` is from
 * another section, `%(default/name)s` from `[DEFAULT]`, and `%(known/name)s` is what the option was in an earlier file.
 * `%%` is a percent sign.
 *
 * @throws {ConfError} with the place of the value that cannot be completed.
 */
export function interpolate(
  conf: Conf,
  section: string,
  option: string,
  value: Value,
  variables: Variables = new Map(),
): Value {
  const interpolation = new Interpolation(conf, section, variables);
  return replaceLines(value, (line) => interpolation.expand(option, line, 1));
}

class Interpolation {
  readonly #conf: Conf;
  readonly #section: string;
  readonly #variables: Variables;
  /** The values being expanded by the option's name: `known/` goes back from these. */
  readonly #open = new Map<string, Value>();
  #size = 0;

  constructor(conf: Conf, section: string, variables: Variables) {
    this.#conf = conf;
    this.#section = section;
    this.#variables = variables;
  }

  expand(option: string, value: Value, depth: number): string {
    this.#size += value.text.length;
    if (this.#size > LARGEST) {
      throw new ConfError(value.place, `\`${option}\` grows beyond 1 MiB: its references multiply`);
    }
    if (!value.text.includes("%")) return value.text;
    if (depth > DEEPEST) {
      throw new ConfError(
        value.place,
        `\`${option}\` refers to values more than ${DEEPEST} deep, or to itself: break the circle`,
      );
    }
    const outer = this.#open.get(option);
    this.#open.set(option, value);
    const text = value.text.replace(/%(?:%|\(([^()]*)\)s)?/g, (token, name) => {
      if (token === "%%") return "%";
      if (name !== undefined) return this.#replacement(name, option, value, depth);
      throw new ConfError(
        value.place,
        `\`${option}\` holds a single %: write %% for a percent sign, %(name)s for a value`,
      );
    });
    if (outer === undefined) this.#open.delete(option);
    else this.#open.set(option, outer);
    return text;
  }

  #replacement(name: string, option: string, value: Value, depth: number): string {
    const found = this.#find(name);
    if (found === undefined) {
      throw new ConfError(
        value.place,
        `\`${option}\` needs %(${name})s, which is defined nowhere: define it in the section or in [DEFAULT]`,
      );
    }
    return this.expand(found.option, found.value, depth + 1);
  }

  #find(written: string): { readonly option: string; readonly value: Value } | undefined {
    const name = written.toLowerCase();
    const value = this.#variables.get(name) ?? this.#conf.raw(this.#section, name);
    if (value !== undefined) return { option: name, value };
    if (name === "__name__") {
      return { option: name, value: { text: this.#section, place: { file: "", line: 0 } } };
    }
    const [, section, option] = /^([\w-]+)\/(.+)$/.exec(written) ?? [];
    if (section === undefined) return undefined;
    const other = this.#inSection(section, option!.toLowerCase());
    return other && { option: option!.toLowerCase(), value: other };
  }

  #inSection(section: string, option: string): Value | undefined {
    const { sections, defaults } = this.#conf;
    if (section.toLowerCase() === "default") return defaults.get(option);
    if (section.toLowerCase() === "known") {
      const current = this.#open.get(option) ?? sections.get(this.#section)?.get(option);
      return current?.before ?? defaults.get(option);
    }
    const named = sections.get(section);
    return named && (named.get(option) ?? defaults.get(option));
  }
}
