import { assertEquals } from "@std/assert";
import { waitForHang } from "../../lib/sources/silence.ts";

Deno.test("waitForHang: who misses something and still does not speak up hangs", async () => {
  const hang = waitForHang({
    heard: () => 7,
    missesSomething: () => Promise.resolve(true),
    patience: 1,
  }, new AbortController().signal);
  assertEquals(await hang, true);
});

Deno.test("waitForHang: who misses nothing is waited for until it is told to end", async () => {
  const stop = new AbortController();
  let looks = 0;
  const hang = waitForHang({
    heard: () => 7,
    missesSomething: () => {
      if (++looks === 5) stop.abort();
      return Promise.resolve(false);
    },
    patience: 1,
  }, stop.signal);
  assertEquals(await hang, false);
  assertEquals(looks, 5);
});

Deno.test("waitForHang: who speaks all the time is not looked after", async () => {
  const stop = new AbortController();
  let heard = 0;
  const hang = waitForHang({
    heard: () => {
      if (heard === 20) stop.abort();
      return heard++;
    },
    missesSomething: () => Promise.reject(new Error("looked after")),
    patience: 1,
  }, stop.signal);
  assertEquals(await hang, false);
});

Deno.test("waitForHang: who speaks up meanwhile does not hang", async () => {
  const stop = new AbortController();
  let heard = 0;
  const hang = waitForHang({
    heard: () => heard,
    missesSomething: () => {
      if (++heard === 5) stop.abort();
      return Promise.resolve(true);
    },
    patience: 1,
  }, stop.signal);
  assertEquals(await hang, false);
  assertEquals(heard, 5);
});
