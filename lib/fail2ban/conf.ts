import type { Section } from "./ini.ts";
import { interpolate, type Variables } from "./interpolation.ts";
import type { Value } from "./place.ts";

/** The section whose options every other one falls back to. */
export const DEFAULT = "DEFAULT";

/** A logical configuration, such as `jail` or `filter.d/sshd`: all its files merged, later ones first. */
export class Conf {
  /** All but `[DEFAULT]`, in the order in which they first came. */
  readonly sections: ReadonlyMap<string, Section>;
  readonly defaults: Section;

  constructor(files: readonly ReadonlyMap<string, Section>[]) {
    const sections = new Map<string, Section>();
    for (const file of files) {
      for (const [name, section] of file) mergeSection(sections, name, section);
    }
    this.defaults = sections.get(DEFAULT) ?? new Map();
    sections.delete(DEFAULT);
    this.sections = sections;
  }

  /** An option as written; from `[DEFAULT]` if the section lacks it. */
  raw(section: string, option: string): Value | undefined {
    return this.sections.get(section)?.get(option) ?? this.defaults.get(option);
  }

  /**
   * An option with every `%(name)s` in it replaced. `variables` come before the section's own options, and may stand
   * for the option itself.
   *
   * @throws {ConfError} where a name is unknown, or leads back to itself.
   */
  get(section: string, option: string, variables?: Variables): Value | undefined {
    const value = variables?.get(option) ?? this.raw(section, option);
    return value && interpolate(this, section, option, value, variables);
  }
}

/** `[Init?family=inet6]` gives options of `[Init]`, whose names end in the condition. */
const CONDITIONAL = /^(\w+)(\?.+)$/;

function mergeSection(sections: Map<string, Section>, name: string, section: Section): void {
  const conditional = CONDITIONAL.exec(name);
  const target = conditional?.[1] ?? name;
  const merged = sections.get(target) ?? new Map<string, Value>();
  sections.set(target, merged);
  for (const [option, value] of section) {
    const key = option + (conditional?.[2] ?? "");
    const before = merged.get(key);
    merged.set(key, before === undefined ? value : { ...value, before });
  }
}
