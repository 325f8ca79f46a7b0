/** The configuration: TOML files in, checked settings and a list of what is wrong out. */
export type { AgentSettings } from "./agent_table.ts";
export type { Document } from "./document.ts";
export { isShipped } from "./folder.ts";
export { isForgeable } from "./forgeable.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export { type FilterChoice, parseFilterWord } from "./filter_word.ts";
export { emptyFilter, type Fault, faultOf } from "./filter_file.ts";
export type { Layer } from "./jail_file.ts";
export type { Destination } from "./notify_table.ts";
export type { NotifiedEvent } from "./schema.ts";
export {
  faultOfName,
  loadConfig,
  type LoadedConfig,
  loadFilter,
  loadNotify,
  type LoadOptions,
  OVERRIDES,
  parseFilter,
} from "./load.ts";
export { ConfigError, formatProblem, type Problem } from "./problem.ts";
export { checkSamples, type SampleFailure } from "./samples.ts";
export type { Path } from "./toml.ts";
export { type Shipped, shipped } from "./shipped.ts";
export { ignored, readWebAddress } from "./values.ts";
