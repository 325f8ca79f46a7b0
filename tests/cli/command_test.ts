import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { type Command, helpOf, readWords, UsageError } from "../../lib/cli/command.ts";
import { loadCommands } from "../../lib/cli/commands.ts";
import { banjo } from "../banjo.ts";

const command: Command = {
  name: "dig",
  operands: "PLACE [DEPTH]",
  summary: "Dig a hole",
  flags: {
    tool: { value: "TOOL", about: "with what" },
    helper: { value: "NAME", about: "with whom", many: true },
    deep: { about: "dig deep" },
  },
  arity: [1, 2],
  run: () => 0,
};

Deno.test("operands, switches and values are told apart", () => {
  const words = readWords(command, [
    "here",
    "--deep",
    "--tool",
    "spade",
    "7",
    "--helper=a",
    "--helper",
    "b",
  ]);
  assertEquals(words.operands, ["here", "7"]);
  assert(words.has("deep"));
  assertEquals(words.value("tool"), "spade");
  assertEquals(words.values("helper"), ["a", "b"]);
});

Deno.test("what was not given is absent", () => {
  const words = readWords(command, ["here"]);
  assertEquals([words.has("deep"), words.value("tool"), words.values("helper")], [
    false,
    undefined,
    [],
  ]);
});

Deno.test("operands stay as they were typed, numbers and a lone dash too", () => {
  assertEquals(readWords(command, ["0x10", "-"]).operands, ["0x10", "-"]);
  assertEquals(readWords(command, ["1e3"]).operands, ["1e3"]);
});

Deno.test("a number below zero is a value, not a flag", () => {
  const words = readWords(command, ["here", "--tool", "-1", "--helper", "-2.5"]);
  assertEquals([words.value("tool"), words.value("helper")], ["-1", "-2.5"]);
});

Deno.test("behind -- everything is an operand", () => {
  assertEquals(readWords(command, ["--", "--deep"]).operands, ["--deep"]);
});

for (
  const [args, message] of [
    [["here", "--dep"], "did you mean --deep?"],
    [["here", "--wibbledywobble"], "--help` lists them"],
    [["here", "--tool"], "needs a value, TOOL"],
    [["here", "--tool", "a", "--tool", "b"], "given 2 times"],
    [[], "something is missing"],
    [["a", "b", "c"], "there is too much"],
  ] as const
) {
  Deno.test(`${JSON.stringify(args)} is refused, saying ${message}`, () => {
    assertThrows(() => readWords(command, args), UsageError, message);
  });
}

Deno.test("help names the operands and every flag", () => {
  const help = helpOf(command);
  for (const part of ["banjo dig PLACE [DEPTH]", "--tool TOOL", "--deep", "--help"]) {
    assert(help.includes(part), `${part} is missing in ${help}`);
  }
});

Deno.test("help is told of every command, in lines that are as wide as they may be", async () => {
  for (const command of await loadCommands()) {
    for (const width of [80, 100]) {
      for (const line of helpOf(command, width).split("\n")) {
        assert(line.length <= width || line.startsWith("Usage: "), line);
      }
    }
  }
  const { stdout } = await banjo(["help", "explain"]);
  assertEquals(stdout, (await banjo(["explain", "--help"])).stdout);
  assertMatch(stdout, /^Usage: banjo explain IP/m);
  const { code, stderr } = await banjo(["help", "explian"]);
  assertEquals(code, 2);
  assertMatch(stderr, /did you mean `banjo explain`/);
});
