import { replay } from "../agent/mod.ts";
import { startLog } from "../log.ts";
import { printableJson } from "../printable.ts";
import { Recording, suggestFrom, tryAll } from "../tune/mod.ts";
import { type Command, sharedFlags, UsageError } from "./command.ts";
import { print } from "./pager.ts";
import {
  firstTime,
  jailNamed,
  pastFlags,
  readConfig,
  readsLogs,
  reportUnread,
  withFile,
} from "./past.ts";
import { Progress } from "./progress.ts";
import { outputWidth } from "./render.ts";
import { describeTuning, toJson } from "./tune_output.ts";

/** `banjo tune JAIL` */
export const tune: Command = {
  name: "tune",
  operands: "JAIL",
  offers: "jails",
  summary: "Suggest maxretry and findtime for a jail, from the logs of the past",
  details:
    "Reads the jail's own logs once, or one file, and tries other thresholds on the failures in\n" +
    "them: whom they would ban, and who of these has also logged in or got mostly good answers.\n" +
    "It changes nothing and needs no root, only the right to read the logs.",
  flags: { ...pastFlags, ...sharedFlags.json },
  arity: [1, 1],
  async run(words) {
    startLog("error");
    const config = await readConfig(words);
    const own = jailNamed(config, words.operands[0]!, "tune");
    if (!readsLogs(own)) {
      throw new UsageError(`Cannot tune ${own.name}: it counts other jails' bans and reads no log`);
    }
    const path = words.value("file");
    const jails = path === undefined ? [own] : await withFile([own], path);
    const now = Date.now();
    const first = firstTime(words, now);
    const recording = new Recording();
    const progress = new Progress(words.has("json"));
    const result = await replay(
      { jails, agent: config.agent, first, now, observer: recording },
      (done) => progress.show(done),
    );
    const jail = jails[0]!;
    const trials = tryAll(jail, recording, result.facts, (done) => progress.show(done));
    progress.clear();
    reportUnread(result, jails, config.layers);
    const present = trials.find(({ maxretry, findtime }) =>
      maxretry === jail.maxretry && findtime === jail.findtime
    )!;
    const suggestion = suggestFrom(trials, present, recording);
    const tuning = { jail: jail.name, recording, trials, present, suggestion };
    if (words.has("json")) console.log(printableJson(toJson(tuning)));
    else await print(describeTuning(tuning, outputWidth()));
    return 0;
  },
};
