/** The annotated sample logs of fail2ban's own test suite, as Debian's package has them. */
import { STOCK } from "./fail2ban.ts";

const TESTS = "/usr/lib/python3/dist-packages/fail2ban/tests";

/** What is expected of a line. */
export interface Expected {
  readonly match: boolean;
  readonly host?: string;
  readonly user?: string;
  /** Local time, without a zone. */
  readonly time?: string;
  /** How many lines make the failure. */
  readonly attempts?: number;
}

/** One line to be judged by one filter with one set of options. */
export interface Check {
  /** File and number of the line. */
  readonly place: string;
  readonly filter: string;
  readonly options: Readonly<Record<string, string>>;
  readonly line: string;
  /** Whether the line comes from the journal, which knows its time. */
  readonly isFromJournal: boolean;
  readonly expected: Expected;
}

/** A filter with one set of options, and its checks in the order in which they belong together. */
export interface CheckedFilter {
  readonly filter: string;
  readonly options: Readonly<Record<string, string>>;
  readonly isFromJournal: boolean;
  readonly checks: readonly Check[];
}

/** Reads all samples, of fail2ban's filters and of those that only its tests have. */
export async function readSamples(): Promise<readonly CheckedFilter[]> {
  const stock = (await confsIn(`${STOCK}/filter.d`)).filter((name) => !/common$/.test(name));
  const checks = await Promise.all([...stock, ...await ownFilters()].map(checksOf));
  const groups = Map.groupBy(
    checks.flat(),
    ({ filter, options }) => `${filter} ${JSON.stringify(options)}`,
  );
  return [...groups.values()].map((checks) => {
    const { filter, options, isFromJournal } = checks[0]!;
    return { filter, options, isFromJournal, checks };
  });
}

/**
 * Makes a configuration folder with all these filters below `root`, and returns its path. Those of the tests look for
 * fail2ban's own seven folders further up, where Debian has none: they are put where there is one.
 */
export async function makeFolder(root: string): Promise<string> {
  const base = `${root}/1/2/3/4/5/fail2ban`;
  await Deno.mkdir(`${base}/filter.d`, { recursive: true });
  await Deno.symlink(STOCK, `${root}/config`);
  for await (const { name } of Deno.readDir(STOCK)) {
    if (name !== "filter.d") await Deno.symlink(`${STOCK}/${name}`, `${base}/${name}`);
  }
  for await (const { name } of Deno.readDir(`${STOCK}/filter.d`)) {
    await Deno.symlink(`${STOCK}/filter.d/${name}`, `${base}/filter.d/${name}`);
  }
  for (const name of await ownFilters()) {
    await Deno.copyFile(
      `${TESTS}/config/filter.d/${name}.conf`,
      `${base}/filter.d/${name}.conf`,
    );
  }
  return base;
}

async function ownFilters(): Promise<string[]> {
  return (await confsIn(`${TESTS}/config/filter.d`)).filter((name) => name.startsWith("zzz-"));
}

async function confsIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.filter(({ name }) => name.endsWith(".conf")).map(({ name }) => name.slice(0, -5))
    .sort();
}

type Options = Readonly<Record<string, string>>;

async function checksOf(filter: string): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const files = [filter];
  let common: Options = {};
  let active: readonly Options[] = [{}];
  for (const file of files) {
    const lines = (await Deno.readTextFile(`${TESTS}/files/logs/${file}`)).split("\n");
    let expected: Record<string, unknown> | undefined;
    let isSkipped = false;
    for (const [index, text] of lines.entries()) {
      const header = expected === undefined
        ? /^#+ ?(failJSON|fileOptions|filterOptions|addFILE):(.+)$/s.exec(text)
        : null;
      if (header !== null) {
        const value = JSON.parse(header[2]!);
        if (header[1] === "failJSON") expected = value;
        else if (header[1] === "addFILE") files.push(value);
        else if (header[1] === "fileOptions") common = value;
        else {
          const sets: Options[] = [value].flat().map((set) => ({ ...common, ...set }));
          active = sets.filter((set) => isTrue(set["test.condition"], filter, set));
          isSkipped = active.length === 0;
        }
        continue;
      }
      const isPlain = expected === undefined;
      if (isSkipped || (isPlain && (text.startsWith("#") || text.trim() === ""))) {
        expected = undefined;
        continue;
      }
      const { match = false, constraint, ...rest } = expected ?? {};
      expected = undefined;
      // fail2ban's tests put the prefix of one set of options before the lines of the next as well.
      let line = text.replace(/\r$/, "");
      for (const set of active) {
        if (!isTrue(constraint as string | undefined, filter, set)) continue;
        const isFromJournal = set["logtype"] === "journal";
        if (isFromJournal) line = (set["test.prefix-line"] ?? "") + line;
        const options = Object.entries(set).filter(([name]) => !name.startsWith("test."));
        checks.push({
          place: `${file}:${index + 1}`,
          filter,
          options: Object.fromEntries(options),
          line,
          isFromJournal,
          expected: { ...rest, match: match === true } as Expected,
        });
      }
    }
  }
  return checks;
}

/** The three forms of Python's expressions that occur. */
function isTrue(expression: string | undefined, filter: string, options: Options): boolean {
  if (expression === undefined) return true;
  const name = /^name ?== ?'([\w-]+)'$/.exec(expression)?.[1];
  if (name !== undefined) return filter === name;
  const [, operator, mode] = /^opts\.get\('mode'\) ([!=]=) '(\w+)'$/.exec(expression) ?? [];
  if (mode === undefined) throw new Error(`Cannot read the condition ${expression}`);
  return (options["mode"] === mode) === (operator === "==");
}
