import { assertEquals } from "@std/assert";
import { checkSamples } from "../../lib/config/mod.ts";
import type { FilterDefinition, Sample } from "../../lib/filter/definition.ts";

const FILTER: Omit<FilterDefinition, "samples"> = {
  name: "test",
  description: "",
  options: {},
  failregex: ["^bad <F-USER>\\S+</F-USER> from <ADDR>$"],
  ignoreregex: ["^bad bot"],
  prefregex: undefined,
  maxlines: 1,
  datepattern: [],
  syslogIdentifier: ["app"],
  journalText: "message",
  provesLogin: false,
  isForgeable: false,
  journalmatch: [],
  usedns: false,
  logtimezone: undefined,
};

function messagesOf(...samples: readonly Sample[]): string[] {
  return checkSamples({ ...FILTER, samples }).map(({ index, message }) => `${index}: ${message}`);
}

const LINE = "Nov 20 10:00:00 server app[7]: bad joe from 192.0.2.1";
const MESSAGE = "bad joe from 192.0.2.1";

Deno.test("checkSamples is content with samples that tell the truth", () => {
  assertEquals(
    messagesOf(
      { line: LINE, host: "192.0.2.1", user: "joe", time: "2026-11-20T10:00:00Z", match: true },
      { message: MESSAGE, host: "192.0.2.1", match: true },
      { message: MESSAGE, host: "192.0.2.1", time: "2026-11-20T10:00:00Z", match: true },
      { message: "good joe from 192.0.2.1", match: false },
      { line: LINE.replace("app", "other"), match: false },
      { message: "bad bot from 192.0.2.1", match: false },
    ),
    [],
  );
});

Deno.test("checkSamples says which sample is wrong, and how", () => {
  assertEquals(
    messagesOf(
      { message: MESSAGE, match: false },
      { message: MESSAGE, host: "192.0.2.2", match: true },
      { message: MESSAGE, host: "192.0.2.1", user: "jim", match: true },
      { line: LINE, host: "192.0.2.1", time: "2026-11-20T11:00:00Z", match: true },
      { message: "good", host: "192.0.2.1", match: true },
      { message: "bad bot from 192.0.2.1", host: "192.0.2.1", match: true },
    ),
    [
      "0: must not match: found 192.0.2.1",
      "1: must match 192.0.2.2: found 192.0.2.1",
      '2: must have the user "jim": found "joe"',
      "3: must be of 2026-11-20T11:00:00Z: found 2026-11-20T10:00:00.000Z",
      "4: must match 192.0.2.1: no failregex does",
      "5: must match 192.0.2.1: an ignoreregex takes it",
    ],
  );
});

Deno.test("checkSamples judges a sample with the options that it names", () => {
  const definition: FilterDefinition = {
    ...FILTER,
    options: { mode: "normal", "list-normal": "^bad <ADDR>$", "list-strict": "^odd <ADDR>$" },
    failregex: ["<list-<mode>>"],
    samples: [
      { message: "bad 192.0.2.1", host: "192.0.2.1", match: true },
      { message: "odd 192.0.2.1", match: false },
      { message: "odd 192.0.2.1", host: "192.0.2.1", options: { mode: "strict" }, match: true },
      { message: "bad 192.0.2.1", host: "192.0.2.1", options: { mode: "strict" }, match: true },
      { message: "bad 192.0.2.1", host: "192.0.2.1", options: { mod: "strict" }, match: true },
    ],
  };
  assertEquals(checkSamples(definition).map(({ index, message }) => `${index}: ${message}`), [
    "3: must match 192.0.2.1: no failregex does",
    "4: the filter `test` has no option `mod`: did you mean `mode`?",
  ]);
});
