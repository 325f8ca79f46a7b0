import { assertEquals, assertThrows } from "@std/assert";
import { Conf } from "../../lib/fail2ban/conf.ts";
import { readConf } from "../../lib/fail2ban/files.ts";
import { parseIni } from "../../lib/fail2ban/ini.ts";
import { resolveFilter } from "../../lib/fail2ban/filter_conf.ts";
import { ConfError } from "../../lib/fail2ban/place.ts";
import { withFolder } from "./conf_folder.ts";

function conf(...texts: string[]): Conf {
  return new Conf(texts.map((text, index) => parseIni(`${index}.conf`, text)));
}

function texts(lines: readonly { text: string }[]): string[] {
  return lines.map(({ text }) => text);
}

Deno.test("a value may refer to its section, to [DEFAULT], and to other sections", () => {
  const it = conf(
    "[DEFAULT]\na = 1\nb = %(a)s%%\n[s]\na = 2\nc = %(b)s %(other/d)s %(default/a)s %(__name__)s\n" +
      "[other]\nd = 3\n",
  );
  assertEquals(it.get("s", "c")!.text, "2% 3 1 s");
  assertEquals(it.get("s", "b")!.text, "2%");
});

Deno.test("known/ goes back one file each time, however many there are", () => {
  const line = "[s]\nx = %(known/x)s+\n";
  assertEquals(conf("[s]\nx = 1\n", line, line, line).get("s", "x")!.text, "1+++");
});

Deno.test("a value that cannot be completed is an error with its place and what to do", () => {
  const cases: [string, string][] = [
    [
      "[s]\n\nx = %(gone)s",
      "0.conf:3: `x` needs %(gone)s, which is defined nowhere: define it in the section or in [DEFAULT]",
    ],
    ["[s]\nx = 5%", "0.conf:2: `x` holds a single %: write %% for a percent sign"],
    ["[s]\nx = %(y)s\ny = %(x)s", "refers to values more than 10 deep, or to itself"],
    ["[s]\nx = %(x)s", "0.conf:2: `x` refers to values more than 10 deep, or to itself"],
    ["[s]\nx = %(known/x)s", "0.conf:2: `x` needs %(known/x)s, which is defined nowhere"],
  ];
  for (const [text, message] of cases) {
    assertThrows(() => conf(text).get("s", "x"), ConfError, message);
  }
});

Deno.test("references that multiply are an error, not an endless value", () => {
  const lines = Array.from({ length: 9 }, (_, n) => `x${n} = ${`%(x${n + 1})s`.repeat(50)}`);
  assertThrows(
    () => conf(`[s]\n${lines.join("\n")}\nx9 = ${"y".repeat(1000)}\n`).get("s", "x0"),
    ConfError,
    "grows beyond 1 MiB",
  );
});

Deno.test("tags are replaced from the innermost, and unknown ones stay", () => {
  const filter = conf(
    "[lt_a]\nx = A<y>\n[Definition]\nmode = m\nre-m = <HOST> <y>\ny = why\n" +
      "failregex = ^<re-<mode>> <lt_<kind>/x> <F-USER>.</F-USER>$\n[Init]\nkind = a\n",
  );
  assertEquals(texts(resolveFilter(filter).failregex), [
    "^<HOST> why Awhy <F-USER>.</F-USER>$",
  ]);
});

Deno.test("a tag that leads back to itself is an error with its place", () => {
  for (const rest of ["a = <a>", "a = <b>\nb = <a>x", "a = <a<b>>\nb = "]) {
    const error = assertThrows(
      () => resolveFilter(conf(`[Definition]\nfailregex = <a>\n${rest}\n`)),
      ConfError,
    );
    assertEquals(error.place, { file: "0.conf", line: 2 }, rest);
  }
});

Deno.test("parameters come before [Init], and that before [Definition]", () => {
  const it = conf(
    "[Definition]\nfailregex = <a> <b> <c>\na = 1\nb = 1\nc = 1\n[Init]\nb = 2\nc = 2\n",
  );
  const { failregex } = resolveFilter(it, { parameters: new Map([["c", "3"]]) });
  assertEquals(texts(failregex), ["1 2 3"]);
});

Deno.test("files that include each other are each read, and the circle ends", async () => {
  await withFolder({
    "a.conf": "[INCLUDES]\nbefore = b.conf\n[s]\nx = a\n",
    "b.conf": "[INCLUDES]\nbefore = f/c.conf\n[s]\nx = b\ny = b\n",
    "c.conf": "[INCLUDES]\nafter = ./a.conf\n[s]\ny = c\nz = %(x)s\n",
  }, async (folder) => {
    await Deno.symlink(folder, `${folder}/f`);
    const it = readConf(folder, "a");
    assertEquals(["x", "y", "z"].map((name) => it.get("s", name)!.text), ["a", "b", "a"]);
  });
});

Deno.test("files that include each other in ever more ways are an error", async () => {
  const names = Array.from({ length: 12 }, (_, n) => `${n}.conf`);
  const all = `[INCLUDES]\nbefore = ${names.join("\n  ")}\n`;
  await withFolder(Object.fromEntries(names.map((name) => [name, all])), (folder) => {
    assertThrows(() => readConf(folder, "0"), ConfError, "more than 500 files include each other");
  });
});

Deno.test("a file that is not UTF-8 is an error with its line", async () => {
  const latin1 = new Uint8Array([...new TextEncoder().encode("[a]\nx = "), 0xe9, 0x0a]);
  await withFolder({ "a.conf": latin1 }, (folder) => {
    assertThrows(
      () => readConf(folder, "a"),
      ConfError,
      `${folder}/a.conf:2: the file is not UTF-8: save it as such`,
    );
  });
});

Deno.test("a name without a file is an error that names the file", () => {
  assertThrows(
    () => readConf("/nowhere", "jail"),
    ConfError,
    "/nowhere/jail.conf: there is no such",
  );
});
