import { frequency, type Needles } from "./literals.ts";

/**
 * What the module of `sieve.as.ts` is told of the texts that it is to find, as it stands at the beginning of its memory.
 * `log`, some of the log's bytes, tells by which bytes a text is noticed best.
 */
export function layOut(needles: readonly Needles[], log: Uint8Array): Uint8Array<ArrayBuffer> {
  const texts = windowsOf(needles, log);
  const memory = new Uint8Array(TEXTS + TEXT_SIZE * texts.length);
  const numbers = new DataView(memory.buffer);
  let at = TEXTS;
  for (const [number, { texts: together, places }] of fillBuckets(texts, log).entries()) {
    numbers.setUint32(BUCKETS + 8 * number, at, true);
    for (const { bytes, mask, place, filters } of together) {
      memory.set(bytes, at);
      memory.set(mask, at + 16);
      numbers.setUint32(at + 32, place, true);
      numbers.setUint32(at + 36, filters, true);
      at += TEXT_SIZE;
    }
    numbers.setUint32(BUCKETS + 8 * number + 4, at, true);
    for (const [place, { low, high }] of places.entries()) {
      for (let half = 0; half < 16; half++) {
        memory[32 * place + half]! |= (low >> half & 1) << number;
        memory[32 * place + 16 + half]! |= (high >> half & 1) << number;
      }
    }
  }
  return memory;
}

/**
 * What of a text is sought in a log's bytes: the longest run of ASCII. undefined: that is too short. Other characters may
 * stand there for bytes that are no UTF-8.
 */
export function soughtIn(text: string): string | undefined {
  const [longest] = (text.match(/[\0-\x7f]+/g) ?? []).sort((a, b) => b.length - a.length);
  return longest !== undefined && longest.length >= 2 ? longest : undefined;
}

/** Where the addresses of the buckets' texts stand in the module's memory, and where the texts themselves do. */
const BUCKETS = 112;
const TEXTS = 176;
const TEXT_SIZE = 40;

/** Sixteen bytes at the most of a text, as they are compared. */
interface TextWindow {
  /** What the bytes must be in those bits that the mask has. */
  readonly bytes: Uint8Array;
  readonly mask: Uint8Array;
  /** Where in the window the three bytes are by which the text is noticed. */
  readonly place: number;
  readonly fingerprint: Fingerprint;
  /** The bits of the filters that want it. */
  filters: number;
}

/** What is taken for a text at a first glance: what each of three bytes may be. */
type Fingerprint = readonly [Halves, Halves, Halves];

/** Bytes by their halves: as bits, which lower and which upper ones they have. */
interface Halves {
  readonly low: number;
  readonly high: number;
}

/** Of each text once. */
function windowsOf(needles: readonly Needles[], log: Uint8Array): readonly TextWindow[] {
  const windows = new Map<string, TextWindow>();
  for (const [filter, { texts, ignoreCase }] of needles.entries()) {
    for (const text of texts.map((text) => soughtIn(text)!)) {
      const key = `${ignoreCase} ${text}`;
      const window = windows.get(key) ?? rarestWindow(text, ignoreCase, log);
      window.filters |= 1 << filter;
      windows.set(key, window);
    }
  }
  return [...windows.values()];
}

/** Of equals in this log the one that is rarest by the look of it. */
function rarestWindow(text: string, ignoreCase: boolean, log: Uint8Array): TextWindow {
  let best = windowAt(0, text, ignoreCase);
  let fewest = Infinity;
  for (let place = 0; place === 0 || place + 3 <= text.length; place++) {
    const window = windowAt(place, text, ignoreCase);
    const hits = countOf(window.fingerprint, log) + frequency(text.slice(place, place + 3));
    if (hits < fewest) [best, fewest] = [window, hits];
  }
  return best;
}

/** `place`: where in the text the three bytes are by which it is noticed. */
function windowAt(place: number, text: string, ignoreCase: boolean): TextWindow {
  const from = Math.max(0, Math.min(place, text.length - 16));
  const bytes = new Uint8Array(16);
  const mask = new Uint8Array(16);
  for (let i = 0; i < Math.min(16, text.length); i++) {
    const hasCases = ignoreCase && /[a-z]/i.test(text[from + i]!);
    mask[i] = hasCases ? 0xff & ~CASE : 0xff;
    bytes[i] = text.charCodeAt(from + i) & mask[i]!;
  }
  const halves = (i: number) => halvesOf(bytes[i]!, mask[i]!);
  const [first, second, third] = [place - from, place - from + 1, place - from + 2];
  const fingerprint: Fingerprint = [halves(first), halves(second), halves(third)];
  return { bytes, mask, place: first, fingerprint, filters: 0 };
}

/** What a byte may be: anything behind a text's end. */
function halvesOf(byte: number, mask: number): Halves {
  if (mask === 0) return { low: 0xffff, high: 0xffff };
  const high = 1 << (byte >> 4);
  return { low: 1 << (byte & 15), high: mask === 0xff ? high : high | high << (CASE >> 4) };
}

/** Texts that are noticed together. */
interface Bucket {
  readonly texts: TextWindow[];
  /** What is taken for one of them. */
  places: Fingerprint;
  /** How often that is in the sample. */
  hits: number;
}

/** Puts each text where it has the fewest other bytes of the log compared with texts. */
function fillBuckets(texts: readonly TextWindow[], log: Uint8Array): readonly Bucket[] {
  const buckets = Array.from({ length: 8 }, (): Bucket => ({
    texts: [],
    places: [NOTHING, NOTHING, NOTHING],
    hits: 0,
  }));
  for (const text of texts) {
    const widened = buckets.map(({ places }) => unite(places, text.fingerprint));
    const hits = widened.map((places) => countOf(places, log));
    const costs = buckets.map(({ texts, hits: before }, i) =>
      hits[i]! * (LOOK + texts.length + 1) - before * (LOOK + texts.length)
    );
    const best = costs.indexOf(Math.min(...costs));
    buckets[best]!.texts.push(text);
    buckets[best]!.places = widened[best]!;
    buckets[best]!.hits = hits[best]!;
  }
  return buckets;
}

/** What it takes to look into a bucket, in comparisons with a text. */
const LOOK = 3;
const NOTHING: Halves = { low: 0, high: 0 };

function unite(a: Fingerprint, b: Fingerprint): Fingerprint {
  const either = (a: Halves, b: Halves) => ({ low: a.low | b.low, high: a.high | b.high });
  return [either(a[0], b[0]), either(a[1], b[1]), either(a[2], b[2])];
}

/** How often some bytes look so. */
function countOf([first, second, third]: Fingerprint, bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i + 2 < bytes.length; i++) {
    if (isIn(first, bytes[i]!) && isIn(second, bytes[i + 1]!) && isIn(third, bytes[i + 2]!)) {
      count++;
    }
  }
  return count;
}

function isIn({ low, high }: Halves, byte: number): boolean {
  return (low >> (byte & 15) & high >> (byte >> 4) & 1) !== 0;
}

/** The bit in which the two cases of an ASCII letter differ. */
const CASE = 0x20;
