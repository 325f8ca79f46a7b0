import { call, Unreachable } from "../control/mod.ts";
import { readMetrics } from "../metrics/mod.ts";
import { type Command, dirOf, sharedFlags } from "./command.ts";
import { print } from "./pager.ts";
import { replaceFile } from "./replace_file.ts";

/** `banjo metrics` */
export const metrics: Command = {
  name: "metrics",
  operands: "",
  summary: "Print figures for Prometheus",
  details:
    "In the text format that Prometheus reads. Where no agent answers, `banjo_up 0` is all there\n" +
    "is, and the exit code is 1.",
  flags: {
    textfile: {
      value: "PATH",
      offers: "files",
      about: "replace this file in one step, for node_exporter's textfile collector",
    },
    ...sharedFlags.runtime,
  },
  arity: [0, 0],
  async run(words) {
    const runtime = dirOf(words, "runtime");
    const { text, complaint } = await readMetrics({
      status: () => call(runtime, "status", {}),
      stopped: () => call(runtime, "stopped", {}),
    });
    const path = words.value("textfile");
    if (path === undefined) await print(text.trimEnd());
    else await replaceFile(path, text, 0o644);
    if (complaint !== undefined) throw new Unreachable(complaint);
    return 0;
  },
};
