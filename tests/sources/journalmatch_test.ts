import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { matchesGroups, parseJournalmatch } from "../../lib/sources/mod.ts";

Deno.test("parseJournalmatch parts terms and groups however they are spread over strings", () => {
  const groups = [["_SYSTEMD_UNIT=ssh.service"], ["_COMM=sshd", "_UID=0"]];
  assertEquals(
    parseJournalmatch(["_SYSTEMD_UNIT=ssh.service", "+", "_COMM=sshd", "_UID=0"]),
    groups,
  );
  assertEquals(parseJournalmatch(["_SYSTEMD_UNIT=ssh.service + _COMM=sshd  _UID=0"]), groups);
  assertEquals(parseJournalmatch([" _SYSTEMD_UNIT=ssh.service +", "_COMM=sshd _UID=0 "]), groups);
});

Deno.test("parseJournalmatch keeps blanks within quotes", () => {
  const groups = [["_EXE=/opt/my app/bin", "MESSAGE=a + b"]];
  assertEquals(parseJournalmatch([`"_EXE=/opt/my app/bin" MESSAGE='a + b'`]), groups);
});

Deno.test("parseJournalmatch refuses what journalctl would misread", () => {
  for (
    const list of [
      ["--vacuum-size=1"],
      ["-n1"],
      ["/usr/bin/sshd"],
      ["ssh.service"],
      ["_comm=sshd"],
      ["1A=b"],
      ["+"],
      ["_COMM=sshd", "+"],
      ["+ _COMM=sshd"],
      ["_COMM=a + + _COMM=b"],
      ["_COMM='sshd"],
      [""],
      [],
    ]
  ) {
    assertThrows(() => parseJournalmatch(list), SyntaxError, "Cannot read the journalmatch");
  }
});

Deno.test("matchesGroups is AND between fields, OR within a field, OR between groups", () => {
  const groups = parseJournalmatch(["_UID=0 _COMM=a _COMM=b + _SYSTEMD_UNIT=x=y"]);
  const matches = (fields: Record<string, string>) => matchesGroups({ fields }, groups);
  assert(matches({ _UID: "0", _COMM: "a" }));
  assert(matches({ _UID: "0", _COMM: "b" }));
  assert(matches({ _SYSTEMD_UNIT: "x=y" }));
  assertFalse(matches({ _UID: "0" }));
  assertFalse(matches({ _UID: "1", _COMM: "a" }));
  assertFalse(matches({ _UID: "0", _COMM: "c" }));
  assertFalse(matches({ _SYSTEMD_UNIT: "x" }));
  assertFalse(matchesGroups({ fields: {} }, []));
});
