import { type Host, parseAddress } from "../address.ts";
import { checkSamples, emptyFilter } from "../config/mod.ts";
import type { FilterDefinition, Sample } from "../filter/definition.ts";
import { compileFilter, FilterError } from "../filter/filter.ts";
import { lint } from "../lint/mod.ts";
import type { SampleLine } from "./lines.ts";
import { isTelling, type Verdict, verdictOf } from "./outcome.ts";
import { patternOf } from "./pattern.ts";
import { type Shape, type ShapeLine, shapesOf } from "./shapes.ts";

/** A shape of lines, and the pattern that it leads to. */
export interface Proposal {
  readonly shape: Shape;
  readonly pattern: string;
  readonly verdict: Verdict;
  /** How many addresses its lines are about. */
  readonly addresses: number;
  /** Why the pattern is unsafe or of no use; undefined: nothing is wrong with it. */
  readonly refused: string | undefined;
  /** The number, from 0, of a pattern whose lines seem to tell of the same attempts: to count both counts each twice. */
  readonly repeats: number | undefined;
}

/** What sample lines lead to. */
export interface Draft {
  /** How many lines there were. */
  readonly lines: number;
  /** Failures first, then what says nothing of the outcome, then successes; the most frequent first. */
  readonly proposals: readonly Proposal[];
}

/** What a filter of some proposals makes of all sample lines. */
export interface Trial {
  readonly matched: number;
  readonly hosts: ReadonlySet<Host>;
  /** Lines that it matches though they are of another shape, by proposal. */
  readonly alsoMatched: ReadonlyMap<Proposal, number>;
}

/** Rarer shapes than the first so many are left out: to judge one takes a tenth of a second. */
const MOST = 40;
/** So many samples show a pattern at work, and so many what is left alone. */
const SAMPLES = 2;
const COUNTERSAMPLES = 3;
/** A line that fits on no screen shows nothing. */
const LONGEST_SAMPLE = 1000;

/** Drafts patterns from sample lines. */
export function draftFrom(lines: readonly SampleLine[]): Draft {
  const shapes = shapesOf(lines).toSorted((a, b) => b.lines.length - a.lines.length);
  const known = shapes.map((shape) => ({ shape, verdict: verdictOfShape(shape) }));
  const ranked = VERDICTS.flatMap((wanted) => known.filter(({ verdict }) => verdict === wanted));
  return { lines: lines.length, proposals: markRepeats(ranked.slice(0, MOST).map(propose)) };
}

const VERDICTS: readonly Verdict[] = ["failure", "unclear", "success"];

/**
 * A filter of some of the proposals, with samples of the chosen and of others.
 * @throws {FilterError} where they do not go into one filter.
 */
export function filterOf(
  name: string,
  chosen: readonly Proposal[],
  { proposals }: Draft,
  source: "line" | "message",
): FilterDefinition {
  const bare = bareFilter(name, chosen.map(({ shape }) => shape), source);
  const filter = { ...bare, failregex: chosen.map(({ pattern }) => pattern) };
  const others = proposals.filter((proposal) => !chosen.includes(proposal)).reverse();
  const samples = [
    ...chosen.flatMap(({ shape }) => samplesOf(filter, shape.lines, source, true, SAMPLES)),
    ...others.flatMap(({ shape }) => samplesOf(filter, shape.lines, source, false, 1))
      .slice(0, COUNTERSAMPLES),
  ];
  return { ...filter, samples };
}

/** What the filter makes of the draft's lines. */
export function tryFilter(
  filter: FilterDefinition,
  chosen: readonly Proposal[],
  { proposals }: Draft,
): Trial {
  const patterns = compileFilter(filter).failregex;
  const hosts = new Set<Host>();
  const alsoMatched = new Map<Proposal, number>();
  let matched = 0;
  for (const proposal of proposals) {
    for (const { text, host } of proposal.shape.lines) {
      if (!patterns.some((pattern) => pattern.exec(text) !== null)) continue;
      matched++;
      hosts.add(host);
      if (chosen.includes(proposal)) continue;
      alsoMatched.set(proposal, (alsoMatched.get(proposal) ?? 0) + 1);
    }
  }
  return { matched, hosts, alsoMatched };
}

/** Of failures that each host has as often, from one program, the one stands for all that speaks of the attempt itself. */
function markRepeats(proposals: readonly Proposal[]): readonly Proposal[] {
  const counts = proposals.map(({ shape }) => countHosts(shape));
  const isFailure = ({ verdict, refused }: Proposal) =>
    verdict === "failure" && refused === undefined;
  return proposals.map((proposal, index) => {
    if (!isFailure(proposal)) return proposal;
    const alike = proposals.flatMap((other, number) =>
      isFailure(other) && other.shape.identifier === proposal.shape.identifier &&
        isAlike(counts[index]!, counts[number]!)
        ? [number]
        : []
    );
    const leader = alike.find((number) => ATTEMPT.test(proposals[number]!.pattern)) ?? alike[0];
    return leader === index ? proposal : { ...proposal, repeats: leader };
  });
}

/** Words of what was tried, and not of what came before or after. */
const ATTEMPT = /password|auth(?!enticating)|login|token|credential/i;
/** So many hosts at least, and such a share of them, must have as many lines of both. */
const ALIKE_HOSTS = 3;
const ALIKE = 0.9;

function countHosts({ lines }: Shape): ReadonlyMap<Host, number> {
  const counts = new Map<Host, number>();
  for (const { host } of lines) counts.set(host, (counts.get(host) ?? 0) + 1);
  return counts;
}

function isAlike(one: ReadonlyMap<Host, number>, other: ReadonlyMap<Host, number>): boolean {
  if (one === other) return true;
  const hosts = new Set([...one.keys(), ...other.keys()]);
  const same = [...hosts].filter((host) => one.get(host) === other.get(host)).length;
  return hosts.size >= ALIKE_HOSTS && same >= ALIKE * hosts.size;
}

function propose({ shape, verdict }: { shape: Shape; verdict: Verdict }): Proposal {
  const tried = [patternOf(shape), patternOf(shape, true)].map((pattern) => ({
    pattern,
    refused: whyUnsafe(shape, pattern),
  }));
  const { pattern, refused } = tried.find(({ refused }) => refused === undefined) ?? tried[0]!;
  return {
    shape,
    pattern,
    verdict,
    addresses: new Set(shape.lines.map(({ host }) => host)).size,
    refused,
    repeats: undefined,
  };
}

function verdictOfShape({ slots }: Shape): Verdict {
  const status = slots.findLast(({ kind }) => kind === "status")?.text;
  return verdictOf(slots.map(({ text }) => text ?? " ").join(""), status);
}

function whyUnsafe(shape: Shape, pattern: string): string | undefined {
  const says = shape.slots.some(({ kind, text = "" }) =>
    kind === "status" || (kind === "word" && isTelling(text)) || /\w/.test(text)
  );
  if (!says) return "nothing in it says what happened";
  try {
    const filter = { ...bareFilter("draft", [shape], "line"), failregex: [pattern] };
    if (!matchesAll(filter, shape)) return "it does not match its own lines: they are too odd";
    return lint(filter).find(({ kind }) => kind !== "sample")?.message;
  } catch (error) {
    if (error instanceof FilterError) return error.message;
    throw error;
  }
}

function matchesAll(filter: FilterDefinition, { lines }: Shape): boolean {
  const [pattern] = compileFilter(filter).failregex;
  return lines.every(({ text, host }) => {
    const match = pattern!.exec(text);
    const { address } = match === null ? {} : pattern!.read(match, undefined);
    return address !== undefined && parseAddress(address) === host;
  });
}

function bareFilter(
  name: string,
  shapes: readonly Shape[],
  source: "line" | "message",
): FilterDefinition {
  const empty = emptyFilter(name);
  if (source === "message") return empty;
  const identifiers = new Set(shapes.map(({ identifier }) => identifier));
  if (!identifiers.has(undefined)) {
    return { ...empty, syslogIdentifier: [...identifiers].map(String).sort() };
  }
  if (identifiers.size > 1) {
    throw new FilterError("some of these lines have a syslog header and some have none");
  }
  const startWithDate = shapes.every(({ lines }) =>
    lines.every(({ startsWithDate }) => startsWithDate)
  );
  return startWithDate ? { ...empty, datepattern: ["^{DATE}"] } : empty;
}

/** Samples that come out as they say, with documentation's addresses (RFC 5737, RFC 3849) in place of the real ones. */
function samplesOf(
  filter: FilterDefinition,
  lines: readonly ShapeLine[],
  source: "line" | "message",
  match: boolean,
  most: number,
): readonly Sample[] {
  const samples: Sample[] = [];
  const hosts = new Set<Host>();
  const plain = Map.groupBy(lines, ({ line }) => !/\p{Cc}/u.test(line));
  for (const { line, host, written } of [...plain.get(true) ?? [], ...plain.get(false) ?? []]) {
    if (samples.length === most) break;
    if (hosts.has(host) || line.length > LONGEST_SAMPLE) continue;
    const number = samples.length + 7;
    const stranger = host.includes(":") ? `2001:db8::${number}` : `192.0.2.${number}`;
    const text = line.replaceAll(written, written.startsWith("[") ? `[${stranger}]` : stranger);
    const sample = { [source]: text, ...(match ? { host: stranger } : {}), match };
    if (checkSamples({ ...filter, samples: [sample] }).length > 0) continue;
    hosts.add(host);
    samples.push(sample);
  }
  return samples;
}
