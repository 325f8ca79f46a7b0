import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Failures } from "../../lib/jail/failures.ts";

Deno.test("Failures counts the failing hosts as going through them would, whatever happens", () => {
  const host = fc.constantFrom("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "2001:db8::1");
  const act = fc.oneof(
    fc.record({ kind: fc.constant("fail"), host, time: fc.nat(5000) }),
    fc.record({ kind: fc.constantFrom("forget", "clear"), host, time: fc.nat(5000) }),
    fc.record({ kind: fc.constantFrom("sweep", "restore"), host, time: fc.nat(5000) }),
  );
  fc.assert(fc.property(fc.array(act, { maxLength: 60 }), fc.nat(5000), (acts, since) => {
    const limits = { maxretry: 4, findtime: 1000, maxmatches: 2, maxTracked: 4 };
    let failures = new Failures(limits);
    for (const { kind, host, time } of acts) {
      if (kind === "fail") failures.add(host, { time, line: "", session: "s" });
      if (kind === "forget") failures.forget(host);
      if (kind === "clear") failures.clearSession("s", time, host);
      if (kind === "sweep") failures.sweep(time);
      if (kind === "restore") failures = new Failures(limits, failures.save());
    }
    const newest = [...failures.save()].map(([, attempts]) => [attempts].flat().at(-1)!.time);
    assertEquals(failures.countSince(since), newest.filter((time) => time >= since).length);
  }));
});
