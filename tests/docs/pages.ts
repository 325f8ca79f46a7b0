/** The pages of the documentation, taken apart: what stands in fences, where links lead, what can be linked to. */

/** What stands between two fences. */
export interface Block {
  readonly page: string;
  /** Of the opening fence, counted from 1. */
  readonly line: number;
  /** What is written behind the opening fence: `sh`, `toml`. */
  readonly language: string;
  readonly text: string;
  /** The file that it is, by the path on its first line; absent where there is none. */
  readonly file?: string;
}

/** A page by its path in the checkout. */
export interface Page {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** The text with its blocks and code taken out. */
  readonly prose: string;
}

const checkout = new URL("../../", import.meta.url);

/** All pages that people read: docs/, and the files that stand in the checkout's own folder. */
export async function readPages(): Promise<readonly Page[]> {
  const paths = ["README.md", "CHANGELOG.md", "bench/README.md"];
  for await (const { name } of Deno.readDir(new URL("docs", checkout))) {
    if (name.endsWith(".md")) paths.push(`docs/${name}`);
  }
  return await Promise.all(
    paths.toSorted().map(async (path) =>
      takeApart(path, await Deno.readTextFile(new URL(path, checkout)))
    ),
  );
}

/** Takes a page's text apart. @throws {SyntaxError} where a fence is not closed. */
export function takeApart(path: string, text: string): Page {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { line: number; language: string; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const [, language] = /^```(\S*)$/.exec(line) ?? [];
    if (language === undefined) (open?.lines ?? prose).push(line);
    else if (open === undefined) open = { line: index + 1, language, lines: [] };
    else {
      blocks.push(blockOf(path, open));
      open = undefined;
    }
  }
  if (open !== undefined) throw new SyntaxError(`${path}:${open.line}: this fence is not closed`);
  return { path, text, blocks, prose: prose.join("\n").replaceAll(/`[^`\n]*`/g, "`code`") };
}

function blockOf(
  page: string,
  { line, language, lines }: { line: number; language: string; lines: readonly string[] },
): Block {
  const [, file] = /^(?:#|;|\/\/|<\?php \/\/) (\/\S+)$/.exec(lines[0] ?? "") ?? [];
  const text = lines.join("\n") + "\n";
  return { page, line, language, text, ...(file === undefined ? {} : { file }) };
}

/** What can be linked to within a page: its headings, as GitHub names them. */
export function anchorsOf({ text }: Page): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const words = heading!.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
    let anchor = words;
    for (let number = 1; anchors.has(anchor); number++) anchor = `${words}-${number}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The targets of a page's links and pictures. */
export function linksOf({ prose }: Page): readonly string[] {
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target!);
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, "");
}
