import { assert, assertEquals, assertThrows } from "@std/assert";
import { anchorsOf, linksOf, type Page, readPages, takeApart } from "./pages.ts";

const checkout = new URL("../../", import.meta.url);

Deno.test("a page is taken apart into blocks, links and anchors", () => {
  const page = takeApart(
    "docs/a.md",
    "# A `b` & c\n\nSee [x](y.md#z), not `[q](r)`.\n\n```toml\n# /etc/x.toml\n# B\na = 1\n```\n\n## A b  c\n",
  );
  const [block] = page.blocks;
  assertEquals(page.blocks.length, 1);
  assertEquals([block!.line, block!.language, block!.file], [5, "toml", "/etc/x.toml"]);
  assertEquals(linksOf(page), ["y.md#z"]);
  assertEquals([...anchorsOf(page)], ["a-b--c", "a-b--c-1"]);
  assertThrows(() => takeApart("docs/a.md", "\n```sh\nbanjo"), SyntaxError, "docs/a.md:2");
});

Deno.test("no link in the documentation is dead", async () => {
  const pages = await readPages();
  const dead: string[] = [];
  for (const page of pages) {
    for (const target of linksOf(page)) {
      if (!/^https?:/.test(target) && !await leadsSomewhere(page, target, pages)) {
        dead.push(`${page.path}: ${target}`);
      }
    }
  }
  assertEquals(dead, []);
});

Deno.test("every page of docs/ is in its index", async () => {
  const pages = await readPages();
  const index = pages.find(({ path }) => path === "docs/README.md")!;
  const listed = new Set(linksOf(index));
  for (const { path } of pages) {
    const name = path.replace(/^docs\//, "");
    if (name !== path && path !== index.path) assert(listed.has(name), `${path} is not listed`);
  }
});

Deno.test("all code stands in fences that say what it is", async () => {
  for (const { path, blocks, prose } of await readPages()) {
    for (const { language, line } of blocks) assert(language !== "", `${path}:${line}`);
    const [indented] = /\n\n {4}\S.*/.exec(prose) ?? [];
    assertEquals(indented, undefined, path);
  }
});

async function leadsSomewhere(from: Page, target: string, pages: readonly Page[]) {
  const { pathname, hash } = new URL(target, new URL(from.path, checkout));
  const path = pathname.slice(checkout.pathname.length);
  if (!await Deno.stat(new URL(path, checkout)).then(() => true, () => false)) return false;
  if (hash === "") return true;
  const page = pages.find((page) => page.path === path);
  return page !== undefined && anchorsOf(page).has(hash.slice(1));
}
