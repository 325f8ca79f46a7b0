import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { EventReport, HistoryReport } from "../../lib/control/mod.ts";
import { Gathering } from "../../lib/relay/digest.ts";
import { mailFor } from "../../lib/relay/mail.ts";
import { messageOf } from "../../lib/relay/message.ts";
import { usualOrLong } from "../long.ts";
import { postFor } from "../../lib/relay/request.ts";
import { anyText } from "../any_text.ts";

const all = {
  events: ["ban", "unban", "alarm", "recovery", "start", "reload"],
  jails: [],
} as const;
const time = "2026-11-23T10:00:00.000Z";

Deno.test("a message of one event has it as its title, one of many has their counts", () => {
  const one = messageOf("web1", digestOf([ban("192.0.2.7")]));
  assertEquals(one.title, "web1: 192.0.2.7 banned in sshd for 10m after 5 failures");
  const alarm: EventReport = { time, event: "alarm", about: "nftables", problem: "It broke" };
  const many = messageOf(
    "web1",
    digestOf([
      ...Array.from({ length: 3000 }, (_, index) => ban(`198.18.${index >> 8}.${index & 255}`)),
      ban("192.0.2.7", "nginx"),
      alarm,
    ]),
  );
  assertEquals(many.title, "web1: 3001 bans, 1 alarm");
  assertEquals(many.isUrgent, true);
  const lines = many.text.split("\n");
  assertEquals(lines[0], "3001 bans: sshd 3000, nginx 1");
  assertEquals(lines[1], "Alarm: It broke");
  assertEquals(lines.at(-1), "... and 2981 more bans");
  assertEquals(many.digest.events.length, 21);
});

Deno.test("ends of bans that ran out, jails and kinds that are not wanted make no message", () => {
  const end = { ...ban("192.0.2.7"), event: "unban", reason: "expired" } as const;
  assert(digestOf([end]).events.length === 0);
  const gathering = new Gathering({ events: ["ban"], jails: ["nginx"] });
  gathering.add(ban("192.0.2.7"));
  gathering.add({ time, event: "reload", version: "1", jails: 2 });
  assert(gathering.isEmpty);
  gathering.add(ban("192.0.2.7", "nginx"));
  assert(!gathering.isEmpty);
});

Deno.test("whatever stands in an event, no form of its message has markup, a header or an end of line of it", () => {
  const hostile = fc.oneof(
    anyText(),
    fc.constantFrom(
      "a\r\nBcc: x@example.org\r\n\r\nhi",
      "```@everyone",
      "<!channel>&",
      "\u202e\x1b[2J",
    ),
  );
  fc.assert(
    fc.property(hostile, hostile, (problem, host) => {
      const message = messageOf(
        "web1",
        digestOf([{ time, event: "alarm", about: "x", problem }, ban(`id:${host}`)]),
      );
      assertEquals(message.text.split("\n").length, 2);
      assert(!/[\p{Cc}\u202e]/u.test(message.text.replaceAll("\n", "") + message.title));
      assert(!message.title.includes("\n"));

      const mail = mailFor(message, ["root"], undefined, new Date(0));
      const [head, body] = mail.split("\n\n");
      assert(/^[\x20-\x7e\n]*$/.test(mail));
      assert(!/^bcc/im.test(head!));
      assertEquals(
        new TextDecoder().decode(Uint8Array.fromBase64(body!.replaceAll("\n", ""))),
        `${message.text}\n`.toWellFormed(),
      );

      const address = { url: "https://example.org/a", token: "t", chat: "1" } as const;
      const post = (kind: Parameters<typeof postFor>[0]["kind"]) => {
        const { headers, body } = postFor({ ...address, kind }, message);
        for (const value of Object.values(headers)) assert(/^[\x20-\x7e]+$/.test(value));
        return JSON.parse(body);
      };
      assert(!/[<>]/.test(post("slack").text));
      assertEquals(post("discord").content.split("```").length, 3);
      assert(post("discord").content.length <= 2000);
      assert(post("telegram").text.length <= 4096);
      for (const kind of ["webhook", "ntfy", "gotify"] as const) post(kind);
    }),
    { numRuns: usualOrLong(40, 5000) },
  );
});

function digestOf(events: readonly EventReport[]) {
  const gathering = new Gathering(all);
  for (const event of events) gathering.add(event);
  return gathering.digest();
}

function ban(host: string, jail = "sshd"): HistoryReport {
  return {
    time,
    event: "ban",
    reason: null,
    jail,
    host,
    since: time,
    until: "2026-11-23T10:10:00.000Z",
    failures: 5,
    bans: 1,
    cause: "failures",
    lines: ["secret line"],
  };
}
