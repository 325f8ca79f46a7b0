import type { Shape, Slot } from "./shapes.ts";
import { NAMES } from "./tokens.ts";

/**
 * The failregex of a shape: whole lines, from ^ to $, in which each part takes only what the service writes there. `loose`:
 * a word may hold the mark that stands behind it.
 */
export function patternOf({ slots, host }: Shape, loose = false): string {
  let hasUser = false;
  const parts = slots.map((slot, index) => {
    if (index === host) return "<ADDR>";
    if (slot.text !== undefined) return literal(slot, slots[index + 1]);
    const part = variable(slot, loose ? undefined : slots[index + 1]);
    if (hasUser || /^(?:number|decimal|space)$/.test(slot.kind) || !isUser(slots, index)) {
      return part;
    }
    hasUser = true;
    return withUser(part);
  });
  return `^${parts.join("")}$`;
}

function literal({ kind, text = "" }: Slot, next: Slot | undefined): string {
  if (kind === "space") return text === " " ? " " : String.raw`\s+`;
  // What looks like a tag is none.
  if (text === "<" && /^[A-Z/]/.test(next?.text ?? "")) return String.raw`\x3c`;
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function variable({ kind, quote, text }: Slot, next: Slot | undefined): string {
  switch (kind) {
    case "number":
      return String.raw`\d+`;
    case "decimal":
      return String.raw`\d+(?:\.\d+)?`;
    case "quoted":
      return quote === "'" ? "'[^']*'" : String.raw`"(?:[^"\\]|\\.)*"`;
    case "space":
      return String.raw`\s+`;
    case "address":
    case "word":
      return textUpTo(next, quote);
    case "status":
    case "mark":
      return literal({ kind, text, quote }, next);
  }
}

/** A word, which ends at a blank, at the mark behind it and at the quotation mark that it stands within. */
function textUpTo(next: Slot | undefined, quote: string | undefined): string {
  const mark = next?.kind === "mark" ? next.text![0]! : "";
  const ends = [...new Set([mark, quote ?? ""])].join("").replace(/[\]\\^-]/g, String.raw`\$&`);
  return ends === "" ? String.raw`\S+` : String.raw`[^\s${ends}]+`;
}

function isUser(slots: readonly Slot[], index: number): boolean {
  const before = slots.slice(0, index).findLast(({ kind, text }) =>
    kind !== "space" && !/^["'=:(<[]$/.test(text ?? "")
  );
  return before?.text !== undefined && NAMES.test(before.text);
}

function withUser(part: string): string {
  return /^["']/.test(part)
    ? `${part[0]}<F-USER>${part.slice(1, -1)}</F-USER>${part[0]}`
    : `<F-USER>${part}</F-USER>`;
}
