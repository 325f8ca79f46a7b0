import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { type Subject, translatePattern } from "../../lib/fail2ban/python_regex.ts";
import { anyText } from "../any_text.ts";

function translated(source: string, subject?: Subject): string {
  const translation = translatePattern(source, subject);
  if (translation.kind === "translated") return translation.pattern;
  throw new Error(`${source}: ${translation.construct}: ${translation.reason}`);
}

function refused(source: string): [construct: string, offset: number, reason: string] {
  const translation = translatePattern(source);
  if (translation.kind === "translated") throw new Error(`${source} became ${translation.pattern}`);
  return [translation.construct, translation.offset, translation.reason];
}

Deno.test("translatePattern leaves alone what means the same", () => {
  for (
    const source of [
      String.raw`^<HOST> -.* "(?:GET|POST).* HTTP/.*" (?:404|403) `,
      String.raw`^Failed \S+ for <F-USER>\S+|.*?</F-USER> from <ADDR>(?: port \d+)?\s*$`,
      String.raw`^(?:\[\])?\s*(?:<[^.]+\.[^.]+>\s+)?<mdre-<mode>>`,
      String.raw`\- \" \' \: \= \< \/ \x41 \u0416 \t [\w.]`.replace("[\\w.]", "[-a-z.]"),
      String.raw`(?<!x)(?=a{2,3}?)(?!b+?)[^"\]a-f[]{{}a}\b\B\.\d\D\s\S,{`,
      String.raw`(a|)(b)\2\1`,
      "(?i:abc)(?-i:d)",
      "",
    ]
  ) assertEquals(translatePattern(source), { kind: "translated", pattern: source, notes: [] });
});

Deno.test("translatePattern spells Python's syntax as ECMAScript does", () => {
  for (
    const [source, pattern] of [
      ["(?P<a>x)(?P=a)", String.raw`(?<a>x)\k<a>`],
      ["a{,3}b{,}c{,2}?d{}", "a{0,3}b{0,}c{0,2}?d{}"],
      [String.raw`[]a][^]b][[:alpha:]]`, String.raw`[\]a][^\]b][\[:alpha:]]`],
      [String.raw`\A\a\0\07\101[\1\a\b]`, String.raw`^\x07\x00\x07\x41[\x01\x07\b]`],
      [String.raw`\U0001F600+[a\U0001F600]`, "(?:\u{1F600})+(?:[a]|\u{1F600})"],
      ["a(?#note)b", "ab"],
      [String.raw`(a)\1(?#note)2{(?#note)3}`, String.raw`(a)(?:\1)2\{3}`],
      ["(?x) a b # note\n [ #] \\ c {2 }", "(?:ab[ #]\\ c\\{2})".slice(3, -1)],
      ["(?x: a b )c d", "(?:ab)c d"],
      ["(?i)a", "(?i:a)"],
      ["(?u)(?s)a", "a"],
      ["((?i)a)(?:(?i)b)", "(?i:a)(?i:b)"],
      ["(?s-i:a)", "(?-i:a)"],
      ["}+", String.raw`\}+`],
      ["<F-USER>a) b", "(?<user>a) b"],
      ["(?<=a)*", "(?:(?<=a))*"],
    ] as const
  ) assertEquals(translated(source), pattern, source);
});

Deno.test("translatePattern lets letters of all scripts be word characters", () => {
  const regex = (source: string) => new RegExp(`^(?:${translated(source)})$`, "s");
  for (const letter of ["a", "0", "_", "é", "ß", "я", "漢", "\ufffd"]) {
    assertEquals(regex(String.raw`\w`).test(letter), true, letter);
    assertEquals(regex(String.raw`[\w.]`).test(letter), true, letter);
    assertEquals(regex(String.raw`\W`).test(letter), false, letter);
    assertEquals(regex(String.raw`[\W]`).test(letter), false, letter);
    assertEquals(regex(String.raw`(?a)\w`).test(letter), /\w/.test(letter), letter);
  }
  for (const other of [" ", "-", "[", "`", "\u2028", "\xa0", "“"]) {
    assertEquals(regex(String.raw`\w`).test(other), false, other);
    assertEquals(regex(String.raw`\W`).test(other), true, other);
  }
  for (let code = 0; code < 128; code++) {
    const character = String.fromCharCode(code);
    assertEquals(regex(String.raw`[\W]`).test(character), /\W/.test(character), character);
  }
});

Deno.test("translatePattern lets the end of a line stand for fail2ban's line feed", () => {
  for (
    const [source, pattern] of [
      [String.raw`a\s`, String.raw`a(?:\s|$)`],
      [String.raw`a\s+$`, String.raw`a(?:\s+|$)$`],
      [String.raw`a(?:b\s){2}`, String.raw`a(?:b(?:\s|$)){2}`],
      [String.raw`a(?:\s){2}`, String.raw`a(?:\s){2}`],
      [String.raw`a\s{2,3}`, String.raw`a(?:\s{2,3}|\s{1}$)`],
      [String.raw`a\s*$`, String.raw`a\s*$`],
      [String.raw`a(?:\s|$)`, String.raw`a(?:\s|$)`],
      [String.raw`a[^x]b*`, String.raw`a(?:[^x]|$)b*`],
      [String.raw`a[^x]b`, String.raw`a[^x]b`],
      [String.raw`a(?!\s)`, String.raw`a(?!(?:\s|$))`],
      [String.raw`(?!\s)a`, String.raw`(?!\s)a`],
      [String.raw`a\n`, String.raw`a(?:\n|$)`],
      ["a.", "a."],
      ["(?s)a.", "a(?:.|$)"],
    ] as const
  ) {
    assertEquals(translated(source), pattern, source);
    if (!source.includes("(?s)")) assertEquals(translated(source, "date"), source);
  }
  const veryEnd = translatePattern(String.raw`a\Z`);
  assertEquals(veryEnd.kind === "translated" && veryEnd.pattern, "a$");
  assertEquals(veryEnd.kind === "translated" && veryEnd.notes[0]?.kind, "differs");
});

Deno.test("translatePattern knows which ends a pattern for several lines means", () => {
  for (
    const [source, lines, block] of [
      ["^a.*$", "^a.*$", "^a.*$"],
      [String.raw`\Aa\s`, String.raw`(?<![^])a\s`, String.raw`^a\s`],
      [String.raw`a\Z`, "a(?![^])", "a(?![^])"],
      ["(?m)^a$", "^a$", String.raw`(?<![^\n])a(?![^\n])`],
      ["(?-m:^a$)", String.raw`(?:(?<![^])a(?=\n?(?![^])))`, "(?:^a$)"],
      ["(?s)a.b", "a[^]b", "a[^]b"],
    ] as const
  ) {
    assertEquals([translated(source, "lines"), translated(source, "block")], [lines, block]);
  }
});

Deno.test("translatePattern writes both cases of a conditional as alternatives", () => {
  for (
    const [source, pattern] of [
      ["^(?P<a>x)?(?(a)y|z)$", "^(?:(?<a>x)y$|z$)"],
      ['(")?a(?(1)")b', '(?:(")a"b|ab)'],
      ["(a)?(?(1)b|c)(?(1)d|e)", "(?:(a)bd|ce)"],
      ["(a)??(?(1)b|c)", "(?:c|(a)b)"],
      ["(?:(a)|b)(?(1)c|d)", "(?:(a)c|bd)"],
      ["(?:x(a)?)(?(1)c|d)", "(?:x(?:(a)c|d))"],
      ["(a)*(?(1)b|c)", "(?:(a)+b|c)"],
      ["(?P<q>(a)?)(?(2)b|c)", "(?:(?<q>(a))b|(?<q>)c)"],
      ["(a)(?(1)b|c)", "(a)b"],
      ["(?:(a)|(?(1)b|c))", "(?:(a)|c)"],
      ["(a)?(?(1)b)c|d", "(?:(a)bc|c)|d"],
    ] as const
  ) assertEquals(translated(source), pattern, source);
});

Deno.test("translatePattern lets no backreference match for a group that took no part", () => {
  assertEquals(translated(String.raw`(a)?b\1`), String.raw`(?:(a)b\1|b(?!))`);
  assertEquals(translated(String.raw`(a)b\1`), String.raw`(a)b\1`);
  assertEquals(translated(String.raw`<HOST> (a)b\4`), String.raw`<HOST> (?<group4>a)b\k<group4>`);
});

Deno.test("translatePattern takes atomic groups and possessive quantifiers", () => {
  const regex = (source: string) => new RegExp(translated(source), "s");
  assertEquals(regex("^(?>a+)a").test("aaa"), false);
  assertEquals(regex("^a++b").test("aaab"), true);
  assertEquals(regex(String.raw`^(x)(?>a|ab)c\1`).test("xabcx"), false);
  assertEquals(regex(String.raw`^(x)(?>ab|a)c\1`).test("xabcx"), true);
  assertEquals(regex("^(?:ab?+)*+b").test("abaab"), false);
});

Deno.test("translatePattern keeps what a group in a repetition took last", () => {
  const user = (source: string, text: string) =>
    new RegExp(translated(source), "s").exec(text)?.groups?.["user"];
  for (const loop of ["*", "+"]) {
    const source = String.raw`^(?:user=(?P<user>\w+) |\w+=\w+ )${loop}from`;
    assertEquals(user(source, "user=eve id=1 from"), "eve");
    assertEquals(user(source, "id=1 user=eve id=2 user=bob id=3 id=4 from"), "bob");
    assertEquals(user(source, "id=1 from"), undefined);
    assertEquals(new RegExp(translated(source)).test("from"), loop === "*");
  }
  const nested = "^(?:(?!ip)(?:a(?:(?P<user>x)|y)|b), )*ip";
  assertEquals(user(nested, "ax, b, ay, ip"), "x");
  assertEquals(user(nested, "ip"), undefined);
  for (const source of ["(?:a(?P<user>b)?)+", "(?:(?P<user>a)|b){2,5}", "(?:(?P<user>a)|b)*?c"]) {
    const translation = translatePattern(source);
    const kinds = translation.kind === "translated" && translation.notes.map(({ kind }) => kind);
    assertEquals(kinds, ["respelled", "differs"], source);
  }
});

Deno.test("translatePattern says which construct it refuses, where and why", () => {
  for (
    const [source, construct, offset, reason] of [
      ["ab(", "(", 2, /no end/],
      ["ab)", ")", 2, /no group is open/],
      ["[ab", "[", 0, /no end/],
      ["a(?#b", "(?#", 1, /no end/],
      ["a**", "*", 2, /repeats a repetition/],
      ["+a", "+", 0, /nothing/],
      ["^*", "*", 1, /nothing/],
      ["a{3,2}", "{3,2}", 1, /at least/],
      ["a{4294967295}", "{4294967295}", 1, /too large/],
      ["[b-a]", "b-a", 1, /no range/],
      [String.raw`[a-\d]`, String.raw`a-\d`, 1, /no range/],
      [String.raw`a\q`, String.raw`\q`, 1, /no such escape/],
      [String.raw`a\N{DASH}`, String.raw`\N{`, 1, /names of characters/],
      ["a\\", "\\", 1, /ends/],
      [String.raw`(a\1)`, String.raw`\1`, 2, /still open/],
      [String.raw`a\2`, String.raw`\2`, 1, /no such group/],
      ["(?P=b)", "(?P=b)", 0, /no group b/],
      ["(?(b)c)", "(?(b)", 0, /no group b/],
      ["(?(7)c)", "(?(7)", 0, /no such group/],
      ["(a)?(?(1)b|c|d)", "(?(1)", 4, /two branches/],
      ["a(?i)b", "(?i)", 1, /at its start/],
      ["(?L)b", "(?L)", 0, /bytes/],
      ["(?P<1>b)", "(?P<1>", 0, /name/],
      ["(?P<a>b)(?P<a>c)", "(?P<a>", 8, /already/],
      ["<HOST> <HOST>", "<HOST>", 7, /already/],
      ["<F-A-B>x</F-A-B>", "<F-A-B>", 0, /name/],
      ["(?<a>b)", "(?<a", 0, /no such group/],
      ["(?&a)", "(?&", 0, /no such group/],
      ["(?<=a+)b", "(?<=", 0, /one length/],
      ["<HOST> (?P=ip4)", "(?P=ip4)", 7, /part of a tag/],
      ["(?=(a)?)(?(1)b|c)", "(?(1)", 8, /lookaround/],
      ["(?:(a)|b)+(?(1)c|d)", "(?(1)", 10, /some repetitions/],
      [String.raw`(?:\1b|(a))+`.replace(String.raw`\1b`, "(?(1)b|c)"), "(?(1)", 3, /earlier/],
      ["(".repeat(200), "(", 100, /nested/],
    ] as const
  ) {
    const [actual, at, why] = refused(source);
    assertEquals([actual, at], [construct, offset], source);
    assertMatch(why, reason);
  }
});

Deno.test("translatePattern refuses what would become too long, soon", () => {
  const [construct, , reason] = refused(
    "(a)?".repeat(40) + Array.from({ length: 40 }, (_, index) => `(?(${index + 1})b|c)`).join(""),
  );
  assertMatch(construct, /^\(\?\(\d+\)$/);
  assertMatch(reason, /too long/);
  assertMatch(refused("a".repeat(70_000))[2], /longer than/);
  assertMatch(refused(`(a)${"\\1".repeat(200)}`)[2], /more than 100 times/);
  const nested = "(?:b".repeat(90) + "(?P<user>a)|c" + ")*".repeat(90);
  const translation = translatePattern(nested);
  assertEquals(translation.kind, "translated");
  assertEquals(translation.kind === "translated" && translation.pattern.length < 1_000_000, true);
});

Deno.test("translatePattern answers to any text, with a place within it", () => {
  const piece = fc.oneof(
    anyText({ maxLength: 3 }),
    fc.constantFrom(..."()[]{}|^$.*+?\\<>-,:=!#PiLx019ab/ ".split("")),
    fc.constantFrom(
      "(?",
      "(?P<",
      "(?(1)",
      "(?P=a)",
      "<F-A>",
      "</F-A>",
      "<HOST>",
      "{,",
      "\\x",
      "[^",
    ),
  );
  const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(""));
  const subject = fc.constantFrom("line", "lines", "block", "date");
  fc.assert(
    fc.property(text, subject, (source, subject) => {
      const translation = translatePattern(source, subject as Subject);
      const places = translation.kind === "refused" ? [translation] : translation.notes;
      for (const { offset, construct } of places) {
        assertEquals(offset >= 0 && offset <= source.length, true, `${construct} at ${offset}`);
      }
    }),
    { numRuns: 3000 },
  );
});
