import { assertEquals, assertThrows } from "@std/assert";
import { expandGlob, matchesGlob, matchesNothing } from "../../lib/sources/glob.ts";
import { LogFolder } from "./log_folder.ts";

Deno.test("matchesGlob knows *, ?, sets and folders of any depth", () => {
  const cases: [pattern: string, matches: string[], others: string[]][] = [
    ["/a/b.log", ["/a/b.log"], ["/a/b_log", "/a/b.log.1", "/a/b.log/"]],
    ["/a/*.log", ["/a/b.log", "/a/é🙂.log"], ["/a/.log", "/a/.b.log", "/a/b/c.log", "/a/b.log.1"]],
    ["/a/?.log", ["/a/b.log", "/a/🙂.log"], ["/a/bc.log", "/a/..log", "/a//.log"]],
    ["/a/[b-d]*", ["/a/b", "/a/dx"], ["/a/a", "/a/e"]],
    ["/a/[!b-d]", ["/a/a", "/a/e"], ["/a/b", "/a/."]],
    ["/a/x[!b]y", ["/a/xay"], ["/a/xby", "/a/x/y"]],
    ["/a/[]x]", ["/a/]", "/a/x"], ["/a/[]x]x"]],
    ["/a/[b", ["/a/[b"], ["/a/b"]],
    ["/a/**/b", ["/a/b", "/a/x/b", "/a/x/y/b"], ["/b", "/a/xb", "/a/.x/b"]],
    ["/a/**", ["/a/b", "/a/x/b"], ["/a", "/a/.b", "/b"]],
    ["/a/b**c", ["/a/bc", "/a/bxc"], ["/a/b/c"]],
    ["/a/.*", ["/a/.b"], ["/a/b"]],
    ["/a/(b|c)+$", ["/a/(b|c)+$"], ["/a/b"]],
    ["*.log", ["a.log"], ["x/a.log"]],
  ];
  for (const [pattern, matches, others] of cases) {
    for (const path of matches) {
      assertEquals(matchesGlob(path, pattern), true, `${path} ${pattern}`);
    }
    for (const path of others) {
      assertEquals(matchesGlob(path, pattern), false, `${path} ${pattern}`);
    }
  }
});

Deno.test("matchesGlob refuses a set that is none", () => {
  assertThrows(() => matchesGlob("x", "/a/[z-a]"), SyntaxError, "/a/[z-a]");
});

Deno.test("expandGlob finds exactly the files that matchesGlob accepts", () => {
  using folder = new LogFolder();
  const names = [
    "a.log",
    "b.log",
    "b.txt",
    ".c.log",
    "x/a.log",
    "x/y/a.log",
    ".x/a.log",
    "x.log/a.log",
  ];
  for (const name of names) folder.append(name, "");
  for (
    const pattern of [
      "*.log",
      "**/*.log",
      "**/a.log",
      "**",
      "*/a.log",
      "?.*",
      ".*/*",
      "x/../*.log",
      "[ab].log",
    ]
  ) {
    const found = expandGlob(folder.path(pattern)).paths;
    const expected = names.map((name) => folder.path(name))
      .filter((path) => matchesGlob(path, folder.path(pattern)));
    if (!pattern.includes("..")) assertEquals(found.toSorted(), expected.toSorted(), pattern);
    else assertEquals(found.length, 2);
  }
});

Deno.test("expandGlob names the folders in which something can appear", () => {
  using folder = new LogFolder();
  folder.append("x/a.log", "");
  folder.append("y/z/a.log", "");
  const foldersOf = (pattern: string) => expandGlob(folder.path(pattern)).folders.toSorted();
  const at = (...names: string[]) => names.map((name) => folder.path(name)).toSorted();
  assertEquals(foldersOf("x/a.log"), at("x"));
  assertEquals(foldersOf("missing/deep/a.log"), at("."));
  assertEquals(foldersOf("missing/*/a.log"), at("."));
  assertEquals(foldersOf("*/a.log"), at(".", "x", "y"));
  assertEquals(foldersOf("**/a.log"), at(".", "x", "y", "y/z"));
});

Deno.test("expandGlob takes a path without wildcards as it is", () => {
  using folder = new LogFolder();
  const path = folder.path("missing.log");
  assertEquals(expandGlob(path).paths, [path]);
});

Deno.test("matchesNothing tells what is not there from what cannot be read", () => {
  using folder = new LogFolder();
  folder.append("x/a.log", "");
  for (const pattern of ["b.log", "x/*.txt", "y/*", "**/b.log", "x/a.log/b.log"]) {
    assertEquals(matchesNothing(folder.path(pattern)), true, pattern);
  }
  for (const pattern of ["x/a.log", "x/*", "**", "x"]) {
    assertEquals(matchesNothing(folder.path(pattern)), false, pattern);
  }
});
