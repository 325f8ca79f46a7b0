/**
 * The search of `sieve.ts` over the raw bytes of a log, in AssemblyScript. `deno task sieve` compiles it into
 * `sieve_code.ts`, with which a test compares it.
 *
 * Sixteen places of the text are looked at together. Two tables of sixteen bytes, one by the lower and one by the upper
 * half of a byte, say in which of eight buckets texts are that have such a byte at the first place of their fingerprint;
 * so do two for the second and two for the third. A place that some bucket has in all six is compared with
 * that bucket's texts. This is the "Teddy" of the Hyperscan library; what it takes does not depend on how many texts
 * there are, as long as few places of the log look like one.
 */

/** The six tables, in the order: first byte's lower half, upper half, second byte's ... */
const MASKS: usize = 0;
/** Room for the buckets that sixteen places are in. */
const PLACES: usize = 96;
/** For each bucket from where to where its texts stand. */
const BUCKETS: usize = 112;
/**
 * Of each text: what sixteen bytes of the log must be, which bits of them count, how many bytes before the fingerprint they
 * begin, and of which filters the text is.
 */
const TEXT_SIZE: usize = 40;
const NEWLINE: i8 = 10;

let lineStart: usize = 0;
let lineEnd: usize = 0;
let filters: u32 = 0;
let found: usize = 0;
let copied: usize = 0;

/**
 * Finds the lines from `start` to `end` that have a text of a filter, `all` of which are wanted at most. Copies them to
 * `out`, one behind the other, and writes to `table` of each where it begins and ends, counted from `start`, and which
 * filters want it. Gives how many there are. There must be a line end right before `start`, and one at `end`.
 */
export function sift(start: usize, end: usize, all: u32, out: usize, table: usize): i32 {
  const low1 = v128.load(MASKS), high1 = v128.load(MASKS, 16);
  const low2 = v128.load(MASKS, 32), high2 = v128.load(MASKS, 48);
  const low3 = v128.load(MASKS, 64), high3 = v128.load(MASKS, 80);
  lineEnd = start;
  filters = 0;
  found = table;
  copied = out;
  for (let at = start, next = start; at < end; at = next) {
    next = at + 16;
    const buckets = v128.and(
      v128.and(
        bucketsOf(v128.load(at), low1, high1),
        bucketsOf(v128.load(at, 1), low2, high2),
      ),
      bucketsOf(v128.load(at, 2), low3, high3),
    );
    if (!v128.any_true(buckets)) continue;
    v128.store(PLACES, buckets);
    let places: u32 = ~v128.bitmask<i8>(v128.eq<i8>(buckets, i8x16.splat(0))) & 0xffff;
    for (; places != 0; places &= places - 1) {
      const place = ctz(places);
      if (at + place >= end) break;
      const wanting = wantedBy(at + place, load<u8>(PLACES + place));
      if (wanting == 0) continue;
      if (at + place >= lineEnd) {
        keep(start);
        lineStart = startOfLine(at + place);
        lineEnd = endOfLine(at + place);
      }
      filters |= wanting;
      if (filters == all) {
        next = lineEnd;
        break;
      }
    }
  }
  keep(start);
  return <i32> ((found - table) / 12);
}

/** How many lines end from `start` to `end`. */
export function count(start: usize, end: usize): i32 {
  let lines = 0;
  for (; start + 16 <= end; start += 16) lines += popcnt(lineEndsAt(start));
  for (; start < end; start++) lines += i32(load<i8>(start) == NEWLINE);
  return lines;
}

/** In which buckets sixteen bytes are, by the two tables for their place in the fingerprint. */
@inline
function bucketsOf(bytes: v128, low: v128, high: v128): v128 {
  return v128.and(
    v128.swizzle(low, v128.and(bytes, i8x16.splat(15))),
    v128.swizzle(high, v128.shr<u8>(bytes, 4)),
  );
}

/** The filters of the texts in these buckets that stand here. */
@inline
function wantedBy(place: usize, buckets: u32): u32 {
  let wanting: u32 = 0;
  for (; buckets != 0; buckets &= buckets - 1) {
    const bucket = BUCKETS + 8 * ctz(buckets);
    const end: usize = load<u32>(bucket, 4);
    for (let text: usize = load<u32>(bucket); text < end; text += TEXT_SIZE) {
      const bytes = v128.load(place - load<u32>(text, 32));
      const isHere = v128.eq<i8>(v128.and(bytes, v128.load(text, 16)), v128.load(text));
      if (v128.all_true<i8>(isHere)) wanting |= load<u32>(text, 36);
    }
  }
  return wanting;
}

/** Keeps the line that was found last, if there is one. */
function keep(start: usize): void {
  if (filters == 0) return;
  memory.copy(copied, lineStart, lineEnd - lineStart);
  copied += lineEnd - lineStart;
  store<u32>(found, <u32> (lineStart - start));
  store<u32>(found, <u32> (lineEnd - start), 4);
  store<u32>(found, filters, 8);
  found += 12;
  filters = 0;
}

@inline
function startOfLine(at: usize): usize {
  let ends = lineEndsAt(at - 16);
  for (; ends == 0; ends = lineEndsAt(at - 16)) at -= 16;
  return at + 16 - clz(ends);
}

@inline
function endOfLine(at: usize): usize {
  let ends = lineEndsAt(at);
  for (; ends == 0; ends = lineEndsAt(at)) at += 16;
  return at + ctz(ends) + 1;
}

@inline
function lineEndsAt(at: usize): u32 {
  return v128.bitmask<i8>(v128.eq<i8>(v128.load(at), i8x16.splat(NEWLINE)));
}
