import { readWebAddress } from "../config/mod.ts";
import { type BlocklistReport, call } from "../control/mod.ts";
import { printable, printableJson } from "../printable.ts";
import { type Command, dirOf, sharedFlags, UsageError, type Words } from "./command.ts";
import { print } from "./pager.ts";
import { formatMinute, style, table } from "./render.ts";

/** `banjo blocklist add|list|remove|refresh` */
export const blocklist: Command = {
  name: "blocklist",
  operands: "add|list|remove|refresh [URL|FILE|NAME]",
  offers: ["add", "list", "remove", "refresh"],
  summary: "Keep published lists of addresses out, beside the bans",
  details:
    "A list has an address or a network on each line, and remarks. A URL is fetched by banjo-relay every six\n" +
    "hours; a file is read anew when it changes. Who is never banned is not kept out by a list either.",
  flags: {
    name: { value: "NAME", about: "what the list is to be called (default: by its URL or file)" },
    ...sharedFlags.runtime,
    json: { about: "print each list as one JSON object a line (with `list`)" },
  },
  arity: [1, 2],
  async run(words) {
    const [verb, what] = words.operands as [string, string?];
    const action = Object.hasOwn(actions, verb) ? actions[verb] : undefined;
    if (action !== undefined) return await action(words, what);
    throw new UsageError(
      `Cannot read ${JSON.stringify(verb)}: expected add, list, remove or refresh`,
    );
  },
};

const actions: Readonly<
  Record<string, (words: Words, what: string | undefined) => Promise<number>>
> = { add, list, remove, refresh };

async function add(words: Words, what: string | undefined): Promise<number> {
  if (what === undefined) throw new UsageError("Cannot add a blocklist: give its URL or file");
  const source = /^\w+:\/\//.test(what) ? readUrl(what) : readPath(what);
  const name = words.value("name") ?? nameOf(source);
  const runtime = dirOf(words, "runtime");
  await call(runtime, "addBlocklist", { name, source });
  const added = (await call(runtime, "blocklists", {})).find((each) => each.name === name)!;
  if (added.problem !== null && source.startsWith("/")) {
    await call(runtime, "removeBlocklist", { name });
    throw new Error(added.problem);
  }
  console.log(
    added.entries === null
      ? `Added ${name}: banjo-relay fetches it. If it does not run yet: systemctl enable --now banjo-relay`
      : `Added ${name}: ${describeEntries(added)}`,
  );
  return 0;
}

async function list(words: Words): Promise<number> {
  const lists = await call(dirOf(words, "runtime"), "blocklists", {});
  if (words.has("json")) {
    for (const each of lists) console.log(printableJson(each));
    return 0;
  }
  await print(lists.length === 0 ? "There are no blocklists." : describeLists(lists));
  return 0;
}

function describeLists(lists: readonly BlocklistReport[]): string {
  const rows = table(
    [
      { head: "NAME" },
      { head: "ADDRESSES", align: "right" },
      { head: "UPDATED" },
      { head: "STOPPED", align: "right" },
      { head: "SOURCE" },
    ],
    lists.map(({ name, entries, updated, stopped, source }) => [
      name,
      entries ?? "–",
      updated === null ? "not yet" : formatMinute(Date.parse(updated)),
      stopped?.packets ?? "–",
      source,
    ]),
  );
  const problems = lists.flatMap(({ problem }) => problem ?? []);
  return [rows, ...problems.map((problem) => style.bad(`! ${printable(problem)}`))].join("\n");
}

async function remove(words: Words, name: string | undefined): Promise<number> {
  if (name === undefined) throw new UsageError("Cannot remove a blocklist: give its name");
  await call(dirOf(words, "runtime"), "removeBlocklist", { name });
  console.log(`Removed ${printable(name)}`);
  return 0;
}

async function refresh(words: Words, name: string | undefined): Promise<number> {
  await call(dirOf(words, "runtime"), "refreshBlocklists", name === undefined ? {} : { name });
  console.log("banjo-relay fetches it within ten seconds; files are up to date");
  return 0;
}

function describeEntries({ entries, leftOut }: BlocklistReport): string {
  const rest = leftOut === 0 ? "" : `; ${leftOut} left out, for being too wide, private or local`;
  return `${entries} ${entries === 1 ? "address" : "addresses"} kept out${rest}`;
}

function readUrl(word: string): string {
  try {
    return readWebAddress(word);
  } catch (error) {
    throw new UsageError(`Cannot read ${JSON.stringify(word)}: ${(error as Error).message}`);
  }
}

function readPath(word: string): string {
  return word.startsWith("/") ? word : `${Deno.cwd()}/${word}`;
}

/** `https://example.org/lists/drop.txt` is `drop`. */
function nameOf(source: string): string {
  const last = source.replace(/[?#].*$/, "").replace(/\/+$/, "").split("/").at(-1)!;
  const name = last.replace(/\.\w+$/, "").replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, 64);
  if (name.replaceAll("-", "") !== "") return name;
  throw new UsageError(`Cannot call the blocklist after ${source}: give --name`);
}
