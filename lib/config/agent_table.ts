import type { Level } from "../log.ts";
import type { Document } from "./document.ts";
import type { Report } from "./problem.ts";
import { agentKeys } from "./schema.ts";
import { readTable } from "./table.ts";

/** What `[agent]` in banjo.toml says: settings that are no jail's. */
export interface AgentSettings {
  /** Which journal is read, if not the system's. */
  readonly journal: { readonly directory?: string; readonly namespace?: string };
  /** What becomes of the bans in force when the agent stops. */
  readonly onStop: "keep" | "remove";
  readonly logLevel: Level;
  /** The prefix lengths of the widest networks that may be banned. */
  readonly widest: { readonly ipv4: number; readonly ipv6: number };
}

/** Reads `[agent]`; what is missing or wrong is as by default. */
export function readAgent(main: Document | undefined, report: Report): AgentSettings {
  const { journal, on_stop, log_level, widest_ipv4_ban, widest_ipv6_ban } =
    main?.value["agent"] === undefined ? {} : readTable(agentKeys, main, ["agent"], report).values;
  return {
    journal: {
      ...(journal?.directory === undefined ? {} : { directory: journal.directory }),
      ...(journal?.namespace === undefined ? {} : { namespace: journal.namespace }),
    },
    onStop: on_stop ?? "keep",
    logLevel: log_level ?? "info",
    widest: { ipv4: widest_ipv4_ban ?? 16, ipv6: widest_ipv6_ban ?? 32 },
  };
}
