/**
 * Regular expressions whose searches end, whatever the text: an attacker writes it.
 *
 * V8 runs most patterns in linear time: where one backtracks too much, it falls back to an engine that does not. What that
 * engine cannot run (lookaround, backreferences, large counted repeats) gets a number of steps instead. Steps and not
 * seconds, so that a replay gives up the same lines as the running agent, and a busy machine gives up no others.
 */
import { type Node, parseRegex } from "./regex_ast.ts";

/** A text took a pattern more steps than it may take. */
export class TookTooLong extends Error {
  override readonly name = "TookTooLong";

  constructor(pattern: string) {
    super(`the pattern ${pattern} took too long`);
  }
}

/** What some work gives, or something else where it throws {@linkcode TookTooLong}. */
export function unlessTooLong<T, U>(work: () => T, otherwise: U): T | U {
  try {
    return work();
  } catch (error) {
    if (error instanceof TookTooLong) return otherwise;
    throw error;
  }
}

/** So often V8 may go back and try another way. That takes some milliseconds. */
const STEPS = 1_000_000;

/**
 * In UTF-16 code units: where each step may go through the whole text, a longer one is not tried, so that it takes seconds
 * at the worst. No web server takes a longer request line as it comes.
 */
const LONGEST_FAR = 16_384;

/** A regular expression that finds, or finds not, or throws {@linkcode TookTooLong}, and always comes to an end. */
export class BoundedRegex {
  readonly #regex: RegExp;
  /** Matches every text that does not take too long, empty where the pattern is not found; undefined where no text does. */
  readonly #probe: RegExp | undefined;
  readonly #longest: number = Infinity;
  readonly #written: string;

  /**
   * `isTame`: it is known to take few steps whatever the text. `written`: the pattern as people know it. Throws SyntaxError
   * where it is none.
   */
  constructor(source: string, flags: string, { isTame = false, written = source } = {}) {
    this.#regex = new RegExp(source, flags);
    this.#written = written;
    if (isTame || isLinear(source, flags)) return;
    const limited = limitedRegExp();
    if (limited === undefined) return;
    this.#regex = limited(source, flags, STEPS);
    // One that went beyond its steps finds nothing, as one does that found nothing. This one tells them apart.
    const anywhere = flags.includes("y") ? "" : "[^]*?";
    this.#probe = limited(`(?:${anywhere}(?:${source})|)`, flags.replace("d", ""), STEPS / 2);
    const depth = depthOfScans(parseRegex(source).root);
    if (depth > 0) this.#longest = LONGEST_FAR ** (1 / depth);
  }

  /** Finds the pattern at or behind `from`, or only there with the flag `y`; without `g` or `y` anywhere. */
  exec(text: string, from = 0): RegExpExecArray | null {
    const regex = this.#regex;
    if (this.#probe === undefined) {
      regex.lastIndex = from;
      return regex.exec(text);
    }
    if (text.length > this.#longest) throw new TookTooLong(this.#written);
    regex.lastIndex = from;
    const match = regex.exec(text);
    if (match !== null || from > text.length) return match;
    this.#probe.lastIndex = from;
    if (this.#probe.exec(text) === null) throw new TookTooLong(this.#written);
    return null;
  }

  /** Whether {@linkcode exec} finds it. */
  test(text: string, from = 0): boolean {
    if (this.#probe !== undefined) return this.exec(text, from) !== null;
    this.#regex.lastIndex = from;
    return this.#regex.test(text);
  }

  /** Where the latest match ended, with the flag `g` or `y`. */
  get end(): number {
    return this.#regex.lastIndex;
  }
}

/** Whether V8's engine without backtracking can run a pattern; undefined where V8 was started without that engine. */
export function isLinear(source: string, flags: string): boolean | undefined {
  if (!hasLinearEngine()) return undefined;
  try {
    return new RegExp(source, flags + LINEAR) instanceof RegExp;
  } catch {
    return false;
  }
}

/** V8's own flag for its non-backtracking engine, known with `--enable-experimental-regexp-engine`. */
const LINEAR = "l";

let linearEngine: boolean | undefined;

function hasLinearEngine(): boolean {
  try {
    linearEngine ??= new RegExp("", LINEAR) instanceof RegExp;
  } catch {
    linearEngine = false;
  }
  return linearEngine;
}

type Limited = (source: string, flags: string, steps: number) => RegExp;

let limited: Limited | undefined;

/** V8's own way to make a regular expression with a limit; undefined without its flag `--allow-natives-syntax`. */
function limitedRegExp(): Limited | undefined {
  try {
    const body = "return %NewRegExpWithBacktrackLimit(source, flags, steps)";
    return limited ??= new Function("source", "flags", "steps", body) as Limited;
  } catch {
    return undefined;
  }
}

/**
 * How many loops over the text may lie within each other in one step: a lookaround that has found what it looks for leaves
 * no way back into it, so its loops cost no steps, and a backreference compares.
 */
function depthOfScans(node: Node): number {
  switch (node.kind) {
    case "look":
      return hasLoop(node.body) ? 1 + depthOfScans(node.body) : depthOfScans(node.body);
    case "backreference":
      return 1;
    case "group":
    case "quantifier":
      return depthOfScans(node.body);
    case "sequence":
      return Math.max(0, ...node.items.map(depthOfScans));
    case "alternation":
      return Math.max(0, ...node.branches.map(depthOfScans));
    default:
      return 0;
  }
}

function hasLoop(node: Node): boolean {
  switch (node.kind) {
    case "quantifier":
      return node.max === Infinity || hasLoop(node.body);
    case "look":
    case "group":
      return hasLoop(node.body);
    case "sequence":
      return node.items.some(hasLoop);
    case "alternation":
      return node.branches.some(hasLoop);
    case "backreference":
      return true;
    default:
      return false;
  }
}
