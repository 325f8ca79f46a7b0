import { assertEquals } from "@std/assert";
import { Visits } from "../../lib/tune/visits.ts";

/** The same line several times. */
function times(number: number, line: string): string {
  return `${line}\n`.repeat(number);
}

Deno.test("requests are counted in every common form of access log", () => {
  const forms = [
    '192.0.2.7 - - [21/Nov/2026:01:25:16 +0000] "GET / HTTP/1.1" 200 3 "-" "curl"',
    'www.example.org:443 192.0.2.7 - alice [21/Nov/2026:01:25:16 +0000] "GET / HTTP/1.1" 200 3 "-" "x"',
    'INFO:     192.0.2.7:40312 - "GET / HTTP/1.1" 200 OK',
    '{"level":"info","request":{"remote_ip":"192.0.2.7","uri":"/"},"status":200}',
    '{"ClientHost":"192.0.2.7","DownstreamStatus":204}',
  ];
  for (const form of forms) {
    const visits = new Visits();
    visits.read(times(5, form));
    assertEquals(visits.welcome("192.0.2.7"), 5, form);
  }
  const visits = new Visits();
  visits.read(times(5, '2001:DB8::7 - - [21/Nov/2026:01:25:16 +0000] "GET / HTTP/1.1" 304 0'));
  assertEquals(visits.welcome("2001:db8::7"), 5);
});

Deno.test("only who is answered well most of the time, and often enough, is welcome", () => {
  const line = (status: number) => `192.0.2.7 - - [x] "GET / HTTP/1.1" ${status} 3`;
  const welcome = (good: number, bad: number) => {
    const visits = new Visits();
    visits.read(times(good, line(200)) + times(bad, line(404)));
    return visits.welcome("192.0.2.7");
  };
  assertEquals(welcome(6, 5), 6);
  assertEquals(welcome(6, 6), 0);
  assertEquals(welcome(4, 0), 0);
});

Deno.test("what a client writes into a request is not taken for its answer", () => {
  const visits = new Visits();
  visits.read(
    times(9, String.raw`192.0.2.7 - - [x] "GET /\x22 200 5 HTTP/1.1" 404 3 "-" "a 200 b"`) +
      times(9, "192.0.2.8 said nothing of requests"),
  );
  assertEquals([visits.isAccessLog, visits.welcome("192.0.2.7")], [true, 0]);
});
