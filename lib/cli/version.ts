import { version as number } from "../version.ts";
import { type Command, sharedFlags } from "./command.ts";

/** Of what `--json` prints, as docs/json.md describes it. */
const JSON_FORMAT = 1;

/** `banjo version` */
export const version: Command = {
  name: "version",
  operands: "",
  summary: "Print the version",
  flags: { ...sharedFlags.json },
  arity: [0, 0],
  run(words) {
    const versions = {
      banjo: number,
      json: JSON_FORMAT,
      deno: Deno.version.deno,
      v8: Deno.version.v8,
    };
    console.log(
      words.has("json")
        ? JSON.stringify(versions)
        : `banjo ${versions.banjo} (Deno ${versions.deno}, V8 ${versions.v8})`,
    );
    return 0;
  },
};
