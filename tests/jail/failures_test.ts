import { assert, assertEquals } from "@std/assert";
import { Failures } from "../../lib/jail/failures.ts";

const limits = { maxretry: 3, findtime: 100, maxmatches: 2, maxTracked: 1000 };

Deno.test("Failures keeps the newest lines, also where failures come late", () => {
  const failures = new Failures({ ...limits, maxretry: 10 });
  for (const time of [50, 60, 40, 70]) failures.add("192.0.2.7", { time, line: `at ${time}` });
  assertEquals([...failures.save()], [["192.0.2.7", [
    { time: 40, line: undefined, session: undefined },
    { time: 50, line: undefined, session: undefined },
    { time: 60, line: "at 60", session: undefined },
    { time: 70, line: "at 70", session: undefined },
  ]]]);
});

Deno.test("Failures frees hosts that can be in no window any more, and no others", () => {
  const failures = new Failures(limits);
  for (let time = 0; time < 1000; time++) failures.add(`192.0.2.${time}`, { time, line: "" });
  for (let step = 0; step < 64; step++) failures.sweep(1000);
  assertEquals([...failures.save()].length, 200);
  assertEquals(failures.countSince(900), 100);
});

Deno.test("Failures of a slow attacker stay few", () => {
  const failures = new Failures(limits);
  for (let time = 0; time < 10_000; time += 60) failures.add("192.0.2.7", { time, line: "" });
  const kept = [[...failures.save()][0]![1]].flat().length;
  assert(kept <= 4, `${kept} kept`);
});

Deno.test("Failures does not hold on to the blocks of the log that its lines were cut from", async () => {
  // 2,000 blocks of a megabyte each would need 2 GB; the process that must do with 100 MB dies if they stay.
  const script = `
    import { Failures } from ${
    JSON.stringify(new URL("../../lib/jail/failures.ts", import.meta.url).href)
  };
    const failures = new Failures({ maxretry: 10, findtime: 1e9, maxmatches: 5, maxTracked: 1e6 });
    for (let time = 0; time < 2000; time++) {
      const block = new TextDecoder().decode(new Uint8Array(1e6).fill(48 + time % 10));
      const line = block.slice(1000, 1200);
      failures.add("fe80::" + block.slice(0, 30), { time, line, session: block.slice(7, 40) });
      failures.add("fe80::" + time + block.slice(0, 30), { time, line, session: block.slice(7, 40) });
    }
    console.log([...failures.save()].length);
  `;
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--v8-flags=--max-old-space-size=100", "--ext=ts", script],
    env: { NO_COLOR: "1" },
  }).output();
  const words = new TextDecoder().decode(stderr).slice(0, 500);
  assertEquals(
    { code, hosts: new TextDecoder().decode(stdout).trim() },
    { code: 0, hosts: "2000" },
    words,
  );
});

Deno.test("Failures in a flood forgets those that failed least, never more than it must", () => {
  const failures = new Failures({ ...limits, maxTracked: 100 });
  for (let time = 0; time < 5000; time++) {
    // One in fifty of the flood is an attacker in earnest, who comes back.
    if (time % 50 === 0) failures.add("198.51.100.1", { time, line: "" });
    failures.add(`2001:db8::${time.toString(16)}`, { time, line: "" });
    if ([...failures.save()].length > 100) {
      throw new Error(`${[...failures.save()].length} tracked`);
    }
  }
  assertEquals([...failures.save()].length, 100);
  assert(failures.forgotten > 4800, `${failures.forgotten} forgotten`);
  assert([...failures.save()].some(([host]) => host === "198.51.100.1"));
});
