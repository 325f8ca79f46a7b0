/**
 * The only way from text to markup. Whatever is put into a template comes out as text: what HTML could take for markup
 * is escaped, and what could mislead the eye, a reversed writing direction say, is made visible.
 */
import { printable } from "../printable.ts";

/** Markup that may be sent. Nothing but this module makes it, and so nothing in it was not escaped. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** A template's own text is markup; what is put in is not, unless it is markup already. */
  static html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
    return new Markup(
      parts.reduce((text, part, index) => text + markupOf(values[index - 1]!) + part),
    );
  }

  /** A text of the program's own, such as its style sheet, as it is. Never anything that was read. */
  static constant(text: string): Markup {
    return new Markup(text);
  }

  toString(): string {
    return this.#text;
  }
}

/** What may be put into a template, in an element or between the double quotes of an attribute. */
export type Value = string | number | Markup | readonly Markup[];

/** {@linkcode Markup.html}, for templates. */
export const html = Markup.html;

/** No markup. */
export const nothing = Markup.constant("");

function markupOf(value: Value): string {
  if (value instanceof Markup) return value.toString();
  if (typeof value === "object") return value.map(markupOf).join("");
  return escape(String(value));
}

function escape(text: string): string {
  return printable(text).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
