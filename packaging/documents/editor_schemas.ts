/** JSON Schemas by which editors complete and check the TOML files. */
import { agentKeys, filterKeys, jailKeys, notifyKeys, tableType } from "../../lib/config/schema.ts";
import type { JsonType } from "../../lib/config/values.ts";

/** Draft 7 is what editors' TOML language servers know. */
const DRAFT = "http://json-schema.org/draft-07/schema#";

/** By name: `jails` for files of jails, `filter` for a filter's, `banjo` for banjo.toml. */
export function editorSchemas(): Readonly<Record<string, JsonType>> {
  return {
    banjo: {
      $schema: DRAFT,
      title: "banjo.toml",
      type: "object",
      properties: {
        defaults: { ...tableType(jailKeys), description: "What holds for every jail" },
        notify: {
          type: "object",
          additionalProperties: tableType(notifyKeys),
          description: "Where messages go, by name",
        },
        agent: { ...tableType(agentKeys), description: "Settings that are no jail's" },
      },
      additionalProperties: false,
    },
    jails: {
      $schema: DRAFT,
      title: "Jails of banjo",
      type: "object",
      patternProperties: { "^[A-Za-z0-9_-]{1,64}$": tableType(jailKeys) },
      additionalProperties: false,
    },
    filter: { $schema: DRAFT, title: "A filter of banjo", ...tableType(filterKeys) },
  };
}
