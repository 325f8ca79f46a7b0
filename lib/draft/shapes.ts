import type { Host } from "../address.ts";
import type { SampleLine } from "./lines.ts";
import { isTelling } from "./outcome.ts";
import { NAMES, type Token, tokensOf } from "./tokens.ts";

/** A place in a shape: a text that all lines have there, or one of a kind that differs. */
export interface Slot {
  /** `decimal`: numbers, and some with a point. */
  readonly kind: Token["kind"] | "decimal";
  /** What all lines have there; undefined where they differ, or where the next one may. */
  readonly text: string | undefined;
  readonly quote: string | undefined;
}

/** Lines that say the same of different people. */
export interface Shape {
  readonly slots: readonly Slot[];
  readonly identifier: string | undefined;
  /** Which slot holds the address of whom the line is about. */
  readonly host: number;
  readonly lines: readonly ShapeLine[];
}

/** A line of a shape, with the address in it. */
export interface ShapeLine extends SampleLine {
  readonly host: Host;
  /** The address as the line writes it. */
  readonly written: string;
}

interface Cluster {
  /** The text of each token; undefined where it differs from line to line. */
  readonly texts: (string | undefined)[];
  readonly members: { readonly line: SampleLine; readonly tokens: readonly Token[] }[];
}

/** Longer lines, and lines of more pieces, are nothing to make a pattern of. */
const LONGEST = 4000;
const MOST_TOKENS = 300;
/** Of so many shapes of one skeleton further ones are but noise. */
const MOST_CLUSTERS = 100;
/** Two lines are of one shape where no larger share of their words differs; one word always may. */
const MOST_DIFFERENT = 0.4;

/** Groups lines with addresses by shape. Those without are left out. */
export function shapesOf(lines: Iterable<SampleLine>): readonly Shape[] {
  const skeletons = new Map<string, Cluster[]>();
  for (const line of lines) {
    if (line.text.length > LONGEST) continue;
    const tokens = tokensOf(line.text);
    if (tokens.length > MOST_TOKENS || !tokens.some(({ kind }) => kind === "address")) continue;
    const key = skeletonOf(line, tokens);
    let clusters = skeletons.get(key);
    if (clusters === undefined) skeletons.set(key, clusters = []);
    join(clusters, line, tokens);
  }
  return [...skeletons.values()].flat().map(shapeOf);
}

/** What lines of one shape have in common in any case: the kinds of their pieces, their marks and telling words. */
function skeletonOf({ identifier = "" }: SampleLine, tokens: readonly Token[]): string {
  const parts = tokens.map(({ kind, text, quote }) => {
    if (kind === "mark" || kind === "status") return text;
    if (kind === "quoted") return `q:${quote}`;
    if (kind === "word" && isTelling(text)) return `w:${text}`;
    return kind;
  });
  return [identifier, ...parts].join("\0");
}

function join(clusters: Cluster[], line: SampleLine, tokens: readonly Token[]): void {
  const words = tokens.flatMap(({ kind }, index) => kind === "word" ? [index] : []);
  // With what a message begins it says what it is about; between marks stands somebody or something.
  const head = words.find((index) => index === 0 || tokens[index - 1]!.kind === "space");
  const most = Math.max(1, Math.floor(words.length * MOST_DIFFERENT));
  const home = clusters.find(({ texts }) => {
    const different = words.filter((index) => texts[index] !== tokens[index]!.text);
    return different.length === 0 ||
      (different.length <= most && (head === undefined || !different.includes(head)));
  });
  if (home === undefined) {
    if (clusters.length === MOST_CLUSTERS) return;
    clusters.push({ texts: tokens.map(({ text }) => text), members: [{ line, tokens }] });
    return;
  }
  tokens.forEach(({ text }, index) => {
    if (home.texts[index] !== text) home.texts[index] = undefined;
  });
  home.members.push({ line, tokens });
}

function shapeOf({ texts, members }: Cluster): Shape {
  const [{ line: { identifier }, tokens }] = members as [Cluster["members"][number]];
  const host = hostAmong(members.map(({ tokens }) => tokens));
  const hasPoint = (index: number) =>
    members.some(({ tokens }) => tokens[index]!.text.includes("."));
  return {
    slots: tokens.map(({ kind, quote }, index) => ({
      kind: kind === "number" && hasPoint(index) ? "decimal" : kind,
      quote,
      text: isFree(tokens, index) ? undefined : texts[index],
    })),
    identifier,
    host,
    lines: members.map(({ line, tokens }) => ({
      ...line,
      host: tokens[host]!.host!,
      written: tokens[host]!.text,
    })),
  };
}

/** Whether the next line may say something else there, though all of these say the same. */
function isFree(tokens: readonly Token[], index: number): boolean {
  const { kind, text } = tokens[index]!;
  if (kind === "address" || kind === "number" || kind === "quoted") return true;
  if (kind !== "word" || isTelling(text)) return false;
  if (/^[\da-f-]{8,}$|^\d|@/i.test(text) || KEY.test(text)) return true;
  if (isUserOfAccessLog(tokens, index) || isHostName(tokens, index)) return true;
  const before = tokens.slice(0, index).findLast(({ kind, text }) =>
    kind !== "space" && !/^["'=:(<[]$/.test(text)
  );
  return before !== undefined && NAMES.test(before.text);
}

/** Letters and digits that mean nothing: the mark of a session or a key. */
const KEY = /^(?=.*\d)(?=.*[A-Za-z])[\w+/=.-]{16,}$/;

/** A name that stands right before its address in brackets. */
function isHostName(tokens: readonly Token[], index: number): boolean {
  return tokens[index + 1]?.text === "[" && tokens[index + 2]?.kind === "address";
}

/** The third field of the common log format, `ADDRESS - USER [DATE]`. */
function isUserOfAccessLog(tokens: readonly Token[], index: number): boolean {
  return index === 4 && tokens[0]!.kind === "address" && tokens[2]!.text === "-" &&
    tokens[6]?.text === "[";
}

/** The address that differs most from line to line; of several, the one that the words in front call the client's. */
function hostAmong(lines: readonly (readonly Token[])[]): number {
  const places = lines[0]!.flatMap(({ kind }, index) => kind === "address" ? [index] : []);
  const rank = (place: number) => {
    const before = lines[0]!.slice(Math.max(0, place - 4), place).map(({ text }) => text).join("");
    const words = /\b(?:from|client|rhost|remote\w*|src|source|peer|ip|rip)\W*$/i.test(before)
      ? 2
      : /\b(?:to|server|dst|dest\w*|local|lip|listen\w*|upstream|for)\W*$/i.test(before)
      ? 0
      : 1;
    const different = new Set(lines.map((tokens) => tokens[place]!.host)).size;
    return words * 1e9 + different;
  };
  return places.reduce((best, place) => rank(place) > rank(best) ? place : best);
}
