/** Filters drafted from sample lines: which lines have addresses, what shapes they have, and patterns for these. Pure. */
export { type Draft, draftFrom, filterOf, type Proposal, type Trial, tryFilter } from "./draft.ts";
export { LineReader, type SampleLine } from "./lines.ts";
export type { Verdict } from "./outcome.ts";
