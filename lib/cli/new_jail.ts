import { checkSamples, loadConfig } from "../config/mod.ts";
import {
  type Draft,
  draftFrom,
  filterOf,
  LineReader,
  type Proposal,
  tryFilter,
} from "../draft/mod.ts";
import { FilterError } from "../filter/filter.ts";
import type { Entry } from "../sources/mod.ts";
import { type Command, defaultDirs, UsageError, type Words } from "./command.ts";
import { Dialog } from "./new_jail_dialog.ts";
import { filterFile, jailFile, type JailSource } from "./new_jail_files.ts";
import { describeDraft, describeTrial, toJson } from "./new_jail_output.ts";
import { linesOf } from "./test_output.ts";
import { openSource } from "./test_source.ts";
import { printableJson } from "../printable.ts";
import { reasonOf } from "../system_error.ts";

/** Of a longer log the newest lines are taken: more tell nothing more. */
const MOST_LINES = 50_000;

/** `banjo new-jail` */
export const newJail: Command = {
  name: "new-jail",
  operands: "",
  summary: "Draft a jail and its filter from a sample of log lines",
  details:
    "Groups the lines that name an address by their shape, proposes a pattern for each, and writes\n" +
    "jails/NAME.toml and filters/NAME.toml with samples. Patterns that could be misused are refused.\n" +
    "On a terminal it asks; elsewhere, or with --yes, it takes what looks like failures.",
  flags: {
    from: { value: "FILE", offers: "files", about: "a log file, or - for standard input" },
    unit: { value: "UNIT", about: "a systemd unit, whose messages in the journal are the sample" },
    name: { value: "NAME", about: "what the jail is called (default: like the file or unit)" },
    pattern: { value: "N", about: "take the pattern of this number; may be repeated", many: true },
    out: {
      value: "DIR",
      offers: "folders",
      about: "write to this configuration folder, such as /etc/banjo; no file is replaced",
    },
    yes: { about: "ask nothing" },
    json: { about: "print JSON for scripts, and ask nothing" },
  },
  arity: [0, 0],
  async run(words) {
    const source = await sourceOf(words);
    const dialog = new Dialog(!words.has("yes") && !words.has("json") && source.word !== "-");
    const draft = draftFrom(await readSample(source.word));
    if (!words.has("json")) console.log(describeDraft(draft, source.title));
    const chosen = choose(draft, words, dialog);
    if (chosen.length === 0) {
      if (words.has("json")) console.log(printableJson(toJson(draft, [], {}, false)));
      else console.error(WHY_NONE);
      return 1;
    }
    const name = readName(words.value("name") ?? dialog.ask("Name of the jail", source.name));
    const out = words.value("out") ??
      (dialog.isOpen ? dialog.ask("Configuration folder", defaultDirs.config) : undefined);
    await refuseKnownName(name, out);
    const filter = asUsage(() => filterOf(name, chosen, draft, source.kind));
    const files = {
      [`filters/${name}.toml`]: filterFile(filter, source, draft),
      [`jails/${name}.toml`]: jailFile(name, source),
    };
    if (checkSamples(filter).length > 0) throw new Error("Cannot draft a filter: its samples fail");
    const trial = tryFilter(filter, chosen, draft);
    if (!words.has("json")) console.log(describeTrial(trial, draft, files));
    const isWritten = out !== undefined && dialog.confirm(`Write these files to ${out}?`);
    if (isWritten) await write(out, files);
    if (words.has("json")) console.log(printableJson(toJson(draft, chosen, files, isWritten)));
    else if (isWritten) console.log(nextSteps(name, source, out));
    else console.log(out === undefined ? WHERE_TO : "Nothing was written.");
    return 0;
  },
};

const WHY_NONE =
  "banjo: None of these lines says clearly that something failed, so a pattern would ban who succeeds as well.\n" +
  "banjo: Have the service log failures in other words than successes, or choose by --pattern N if you know better.";

const WHERE_TO = `Nothing was written: --out DIR does, such as --out ${defaultDirs.config}.`;

/** Where the sample comes from, and so where the jail is to read. @throws {UsageError} */
async function sourceOf(words: Words): Promise<JailSource & { readonly word: string }> {
  const from = words.value("from");
  const unit = words.value("unit");
  if ((from === undefined) === (unit === undefined)) {
    throw new UsageError("Cannot draft a jail: give a sample by --from FILE or by --unit UNIT");
  }
  if (unit !== undefined) {
    const whole = unit.includes(".") ? unit : `${unit}.service`;
    if (!/^[\w.@:\\-]+$/.test(whole)) throw new UsageError(`Cannot read the unit ${unit}`);
    const match = `_SYSTEMD_UNIT=${whole}`;
    const name = nameFrom(whole.replace(/\.\w+$/, ""));
    return { kind: "message", match, name, title: whole, word: `journal[${match}]` };
  }
  if (from === "-") {
    return { kind: "line", file: undefined, name: "new-jail", title: "standard input", word: "-" };
  }
  const file = await Deno.realPath(from!).catch((error: Error) => {
    throw new UsageError(`Cannot read --from ${from}: ${reasonOf(error)}`);
  });
  const name = nameFrom(file.replace(/^.*\//s, "").replace(/\..*$/s, ""));
  return { kind: "line", file, name, title: file, word: file };
}

function nameFrom(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, 64) || "new-jail";
}

/** The newest lines. */
async function readSample(word: string) {
  const reader = new LineReader(Date.now());
  let entries: Entry[] = [];
  for await (const batch of await openSource(word)) {
    const more = batch.kind === "entries"
      ? batch.entries
      : linesOf(batch).map((text) => ({ time: undefined, text }));
    for (const entry of more) if (entry.text.trim() !== "") entries.push(entry);
    if (entries.length > 2 * MOST_LINES) entries = entries.slice(-MOST_LINES);
  }
  return entries.slice(-MOST_LINES).map((entry) => reader.read(entry));
}

/** What the words say, or else the user, or else all that is a failure by its words. @throws {UsageError} */
function choose(draft: Draft, words: Words, dialog: Dialog): readonly Proposal[] {
  const guess = draft.proposals.flatMap(({ verdict, refused, repeats }, index) =>
    verdict === "failure" && refused === undefined && repeats === undefined
      ? [String(index + 1)]
      : []
  );
  const given = words.values("pattern");
  if (draft.proposals.length === 0) return [];
  const numbers = given.length > 0
    ? given
    : dialog.ask("Which of these are failures", guess.join(" ")).split(/[\s,]+/).filter(Boolean);
  return [...new Set(numbers)].map((number) => {
    const proposal = /^\d+$/.test(number) ? draft.proposals[Number(number) - 1] : undefined;
    if (proposal === undefined) {
      throw new UsageError(
        `Cannot take pattern ${JSON.stringify(number)}: there are ${draft.proposals.length}`,
      );
    }
    if (proposal.refused === undefined) return proposal;
    throw new UsageError(`Cannot take pattern ${number}: ${proposal.refused}`);
  });
}

function readName(name: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return name;
  throw new UsageError(
    `Cannot call a jail ${JSON.stringify(name)}: use up to 64 letters, digits, - and _`,
  );
}

/** @throws {UsageError} where a jail or filter is called so, shipped or not, or a file. */
async function refuseKnownName(name: string, out: string | undefined): Promise<void> {
  const dir = out ?? defaultDirs.config;
  const config = await loadConfig(dir, { isOptional: true });
  const isKnown = config.jails.has(name) || config.filters.has(name) ||
    await exists(`${dir}/jails/${name}.toml`) || await exists(`${dir}/filters/${name}.toml`);
  if (isKnown) {
    throw new UsageError(
      `Cannot draft the jail ${name}: there is one, or a filter, of that name; choose another by --name`,
    );
  }
}

function asUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new UsageError(`Cannot take these patterns into one filter: ${error.message}`);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new UsageError(`Cannot write to ${path}: ${reasonOf(error)}`);
  });
}

async function write(out: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = `${out}/${name}`;
    await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(path, text, { createNew: true, mode: 0o644 });
  }
}

function nextSteps(name: string, { file }: JailSource, out: string): string {
  const config = out === defaultDirs.config ? "" : ` --config ${out}`;
  return [
    `Written to ${out}. Now:`,
    `  banjo check${config}`,
    `  banjo simulate ${name}${config}${file === undefined ? " --file LOG" : ""}`,
    ...(config === "" ? ["  banjo reload"] : []),
  ].join("\n");
}
