/** Sessions at a terminal as the documentation shows them: `$ command`, and what it printed. */
import { assert } from "@std/assert";

/** A command, and the lines that are shown of what it prints. */
export interface Exchange {
  readonly command: string;
  readonly output: readonly string[];
}

/** @throws {SyntaxError} where output stands before any command. */
export function sessionOf(text: string): readonly Exchange[] {
  const session: { command: string; output: string[] }[] = [];
  for (const line of text.trimEnd().split("\n")) {
    const [, command] = /^\$ (.*)$/.exec(line) ?? [];
    if (command !== undefined) session.push({ command, output: [] });
    else if (session.length === 0) throw new SyntaxError(`No command stands before: ${line}`);
    else session.at(-1)!.output.push(line);
  }
  return session;
}

/** Asserts that what is shown was printed, in this order. Numbers and blanks may differ: times pass, columns grow. */
export function expectOutput(printed: string, shown: readonly string[], place: string): void {
  const lines = printed.split("\n").map(plain);
  let from = 0;
  for (const line of shown) {
    const at = lines.indexOf(plain(line), from);
    assert(at >= 0, `${place}: it did not print ${JSON.stringify(line)}, but\n${printed}`);
    from = at + 1;
  }
}

/** Units go with their numbers: what takes 9 minutes here took 1 hour there. */
function plain(line: string): string {
  return line.replaceAll(/\d+( (second|minute|hour|day)s?\b)?/g, "0").replaceAll(/\s+/g, " ")
    .trim();
}
