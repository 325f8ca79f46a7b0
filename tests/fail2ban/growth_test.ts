import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { printDuration, readDuration } from "../../lib/fail2ban/durations.ts";
import { growthOf } from "../../lib/fail2ban/growth.ts";
import { ConfError } from "../../lib/fail2ban/place.ts";

const place = { file: "jail.conf", line: 1 };

function growth(options: Record<string, string>) {
  const all = { "bantime.increment": "true", ...options };
  return growthOf(
    new Map(Object.entries(all).map(([name, text]) => [name, { text, place }])),
    "1d",
  );
}

Deno.test("bans that do not grow there do not grow here", () => {
  assertEquals(growth({ "bantime.increment": "false", "bantime.factor": "3" }).increment, false);
});

Deno.test("by default each ban is twice as long, without end", () => {
  assertEquals(growth({}).increment, { factor: 2, maxtime: "forever", memory: "1d" });
  const formula = "ban.Time * (1<<(ban.Count if ban.Count<20 else 20)) * banFactor";
  assertEquals(growth({ "bantime.formula": formula }), growth({}));
});

Deno.test("all other settings come over", () => {
  const { increment } = growth({
    "bantime.maxtime": "5w",
    "bantime.rndtime": "2048",
    "bantime.overalljails": "yes",
  });
  assertEquals(increment, {
    factor: 2,
    maxtime: "5w",
    rndtime: "34m 8s",
    memory: "1d",
    overalljails: true,
  });
});

Deno.test("a cap below bantime leaves bans as long as bantime", () => {
  const maxtime = (bantime: string) => {
    const { increment } = growth({ "bantime.maxtime": "5w", bantime });
    return increment && increment["maxtime"];
  };
  assertEquals(["1h", "1y6mo", "-1", ""].map(maxtime), ["5w", "1y6mo", "5w", "5w"]);
});

Deno.test("multipliers skip their first, for the first ban always lasts bantime", () => {
  const { increment } = growth({ "bantime.multipliers": "1 5 30 60", "bantime.factor": "2" });
  assertEquals(increment && increment["multipliers"], [1, 10, 60, 120]);
  const small = growth({ "bantime.multipliers": "3 0.5, 4" }).increment;
  assertEquals(small && small["multipliers"], [1, 1, 4]);
});

Deno.test("a factor counts once, from the second ban on", () => {
  const { increment } = growth({ "bantime.factor": "3" });
  const multipliers = increment && increment["multipliers"] as number[];
  assertEquals(multipliers && multipliers.slice(0, 4), [1, 6, 12, 24]);
});

Deno.test("the exponential formula of the examples comes over, others are noted", () => {
  const { increment } = growth({
    "bantime.formula": "ban.Time * math.exp(float(ban.Count+1)*banFactor)/math.exp(1*banFactor)",
    "bantime.factor": "2.885385",
  });
  assertAlmostEquals(increment && increment["factor"] as number, Math.exp(2.885385));
  const { notes } = growth({ "bantime.formula": "ban.Time + 1" });
  assertEquals(notes.length, 1);
});

Deno.test("durations are read as fail2ban reads them", () => {
  const cases: [string, number, string][] = [
    ["600", 600, "10m"],
    ["10m", 600, "10m"],
    ["1440m", 86_400, "1440m"],
    ["1d 12h", 129_600, "1d 12h"],
    ["60*60*24", 86_400, "1d"],
    ["1h * 2", 7200, "2h"],
    ["-1", Infinity, "forever"],
    ["-600", Infinity, "forever"],
    ["1h   # an hour", 3600, "1h"],
    ["604800  # 7 days", 604_800, "7d"],
  ];
  for (const [text, seconds, printed] of cases) {
    assertEquals(readDuration({ text, place }), seconds * 1000, text);
    assertEquals(printDuration({ text, place }), printed, text);
  }
  assertThrows(() => readDuration({ text: "soon", place }), ConfError, "jail.conf:1: Cannot read");
});
