/** What a jail's settings would have led to: other thresholds tried on the failures of the past. Pure. */
export { type Legitimate, Recording } from "./recording.ts";
export { suggestFrom, type Suggestion } from "./suggestion.ts";
export { type Trial, tryAll } from "./trial.ts";
