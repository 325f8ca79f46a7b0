/** Events as those see them who follow a real agent. */
import { assert, assertEquals } from "@std/assert";
import {
  call,
  type EventPage,
  type EventPosition,
  type EventReport,
  read,
  readingMethods,
  readSocket,
  RpcError,
} from "../../lib/control/mod.ts";
import { TestAgent } from "../agent.ts";
import { banjoCommand } from "../banjo.ts";

Deno.test("who comes back with his position hears of each ban once, over crashes and reloads", async () => {
  await using server = await newServer();
  const { agent } = server;
  let after: EventPosition = (await read(agent.runtime, "events", {})).position;
  const heard: string[] = [];
  const listen = async () => {
    for (let isEnd = false; !isEnd;) {
      const page: EventPage = await read(agent.runtime, "events", { after });
      heard.push(...page.events.flatMap(bannedIn));
      ({ position: after, isEnd } = page);
    }
  };
  const expected: string[] = [];
  for (let round = 0; round < 6; round++) {
    const hosts = Array.from({ length: 300 }, (_, index) => `198.18.${round}.${index % 250}`);
    await server.fail(hosts);
    expected.push(...new Set(hosts));
    if (round % 2 === 0) await listen();
    if (round === 1) await agent.query("reload");
    // In the midst of it: what was not saved is decided again.
    if (round === 2 || round === 4) await agent.kill9();
    if (round === 3) await agent.stop();
    if (round >= 2 && round <= 4) await agent.run();
  }
  await agent.waitFor("all bans", async () => (await agent.banned()).length === expected.length);
  await agent.waitFor("all events", async () => {
    await listen();
    return heard.length >= expected.length;
  });
  assertEquals(heard.toSorted(), expected.toSorted());
  const since = async (span: string) =>
    (await agent.query("events", "--since", span)).flatMap(bannedIn).length;
  // They are from half an hour ago, and before.
  assertEquals([await since("10m"), await since("2h")], [0, expected.length]);
});

Deno.test("who waits hears at once of bans, alarms, their ends and reloads", async () => {
  await using server = await newServer();
  const { agent } = server;
  const child = await startFollower(agent);
  let text = "";
  const reading = (async () => {
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) text += piece;
  })();
  const seen = () => text.split("\n").slice(0, -1).map((line) => JSON.parse(line) as EventReport);
  try {
    // It listens once it has heard of a reload.
    await agent.waitFor("the follower", async () => {
      await agent.query("reload");
      return seen().some(({ event }) => event === "reload");
    });
    await server.fail(["192.0.2.7"]);
    await agent.waitFor("the ban", () => seen().flatMap(bannedIn).includes("192.0.2.7"));
    await call(agent.runtime, "unban", { hosts: ["192.0.2.7"] });
    await agent.waitFor("the unban", () => seen().some(({ event }) => event === "unban"));
    // The fuse blows.
    await server.fail(Array.from({ length: 70 }, (_, index) => `198.51.100.${index}`));
    await agent.waitFor(
      "the alarm",
      () => seen().some((event) => event.event === "alarm" && event.about === "fuse of forged"),
    );
    const alarms = seen().filter(({ event }) => event === "alarm");
    assertEquals(alarms.length, 1);
    await agent.restart();
    await agent.waitFor("the start", () => seen().some(({ event }) => event === "start"));
    assertEquals(seen().flatMap(bannedIn).filter((host) => host === "192.0.2.7").length, 1);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await reading;
  }
  const { stdout } = await agent.cli("events");
  assert(/^\S+ \S+ ban {6}192\.0\.2\.7 in forged for 1d \(1 failure\)$/m.test(stdout), stdout);
  assert(/ unban {4}192\.0\.2\.7 in forged \(by hand\)$/m.test(stdout), stdout);
  assert(/ start {4}banjo \S+, 1 jail$/m.test(stdout), stdout);
});

Deno.test("who follows ends when nobody reads what it says any more", async () => {
  await using server = await newServer();
  const { agent } = server;
  const child = await startFollower(agent);
  let hasEnded = false;
  const ended = child.status.then(({ code }) => {
    hasEnded = true;
    return code;
  });
  try {
    const reader = child.stdout.getReader();
    const first = reader.read();
    let isThere = false;
    first.then(() => isThere = true);
    await agent.waitFor("the follower", async () => {
      await agent.query("reload");
      return isThere;
    });
    await reader.cancel();
    await agent.waitFor("its end", async () => {
      await agent.query("reload");
      return hasEnded;
    });
    assertEquals(await ended, 0);
  } finally {
    if (!hasEnded) child.kill("SIGKILL");
    await ended;
  }
});

Deno.test("the read socket grants what reads, and nothing that changes anything", async () => {
  await using server = await newServer();
  const { agent } = server;
  assertEquals((await Deno.stat(readSocket(agent.runtime))).mode! & 0o777, 0o660);
  assertEquals((await read(agent.runtime, "status", {})).health, "healthy");
  assertEquals(await read(agent.runtime, "bans", {}), []);
  const changing = {
    ban: { hosts: ["192.0.2.7"] },
    unban: { hosts: "all" }, // Known there, but not without a token.
    reload: {},
    stop: {},
  } as const;
  for (const [method, params] of Object.entries(changing)) {
    assert(!readingMethods.some((name) => name === method));
    const refusal = await read(agent.runtime, method as never, params as never).catch((error) =>
      error
    );
    const code = method === "unban" ? -32602 : -32601;
    assert(refusal instanceof RpcError && refusal.code === code, method);
  }
  assertEquals(await agent.banned(), []);
});

Deno.test("positions that mean nothing here do no harm", async () => {
  await using server = await newServer();
  const { agent } = server;
  await server.fail(["192.0.2.7"]);
  await agent.waitFor("the ban", async () => (await agent.banned()).length === 1);
  await agent.restart();
  const ask = (after: EventPosition) => call(agent.runtime, "events", { after });
  const far = await ask({ history: 2 ** 50, agent: "another", notices: 7 });
  assertEquals(far.events.map(({ event }) => event), ["start"]);
  const next = await ask({ ...far.position, notices: 99 });
  assertEquals(next.events, []);
  // In the middle of a record.
  const middle = await ask({ ...far.position, history: 5 });
  assertEquals(middle.events, []);
});

/** `banjo events --follow --json`; its output must be read or cancelled. */
async function startFollower({ runtime }: TestAgent) {
  const [program, ...args] = await banjoCommand(
    ...["events", "--follow", "--json", "--runtime", runtime],
  );
  return new Deno.Command(program!, { args, stdin: "null", stdout: "piped", stderr: "null" })
    .spawn();
}

function bannedIn(event: EventReport): string[] {
  return event.event === "ban" ? [event.host] : [];
}

/** An agent in a dry run; `fail` logs a failure that bans. */
async function newServer() {
  const agent = await TestAgent.create({ config: {} });
  const log = `${agent.folder}/test.log`;
  await Deno.writeTextFile(log, "");
  await agent.configure({
    "banjo.toml": '[defaults]\nfirewall = "dry-run"\n',
    "jails/forged.toml": `[forged]
enabled = true
files = ["${log}"]
failregex = ['^ failed <ADDR>$']
maxretry = 1
max_bans_per_minute = 60
bantime = "1d"
findtime = "2h"
`,
  });
  try {
    await agent.run();
  } catch (error) {
    await agent[Symbol.asyncDispose]();
    throw error;
  }
  let time = Date.now() - 3_600_000;
  return {
    agent,
    fail: async (hosts: readonly string[]) => {
      const isFew = hosts.length < 100;
      const lines = hosts.map((host) =>
        // Few at once are of now; of many none is to be held.
        `${new Date(isFew ? Date.now() : time += 1100).toISOString()} failed ${host}\n`
      );
      await Deno.writeTextFile(log, lines.join(""), { append: true });
    },
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}
