/** Messages as they arrive: a real agent, a real relay, a real HTTP server and a real sendmail. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { call } from "../../lib/control/mod.ts";
import { TestAgent } from "../agent.ts";
import { must, run } from "../network.ts";
import { Receiver, relayCommand, TestRelay } from "../relay.ts";
import { testAsRoot } from "../root.ts";

Deno.test("each kind of destination gets what happened in its own form", async () => {
  await using receiver = new Receiver();
  await using agent = await newAgent();
  const secret = async (name: string, text: string) => {
    await Deno.writeTextFile(`${agent.config}/${name}`, `${text}\n`, { mode: 0o600 });
    return `${agent.config}/${name}`;
  };
  const { url } = receiver;
  await agent.configure({
    "banjo.toml": `${DEFAULTS}
[notify.hook]
kind = "webhook"
url = "${url}/hook"
token_file = "${await secret("hook", "t0ken")}"
events = ["ban", "unban"]
[notify.phone]
kind = "ntfy"
url = "${url}/my-topic"
[notify.team]
kind = "slack"
url_file = "${await secret("slack", `${url}/services/T0/B0/x`)}"
[notify.gamers]
kind = "discord"
url = "${url}/api/webhooks/1/x"
[notify.chat]
kind = "telegram"
url = "${url}"
token_file = "${await secret("telegram", "123:abc")}"
chat = "-100200"
[notify.home]
kind = "gotify"
url = "${url}/gotify/"
token_file = "${await secret("gotify", "A.b")}"
[notify.elsewhere]
kind = "webhook"
url = "${url}/elsewhere"
jails = ["another"]
events = ["ban"]
`,
  });
  await using relay = await TestRelay.start(agent);
  await begun(agent, 7);
  await call(agent.runtime, "ban", { hosts: ["192.0.2.7"], jail: "app", for: 3_600_000 });
  await agent.waitFor("all messages", () => receiver.received.length >= 6);

  const server = (await Deno.readTextFile("/etc/hostname")).trim();
  const title = `${server}: 192.0.2.7 banned in app for 1h (by hand)`;
  const text = "192.0.2.7 banned in app for 1h (by hand)";
  const [hook] = receiver.at("/hook");
  assertEquals(hook!.headers.get("authorization"), "Bearer t0ken");
  const { events, ...rest } = hook!.body;
  assertEquals(rest, {
    version: 1,
    server,
    title,
    text,
    counts: { ban: 1 },
    bansByJail: [["app", 1]],
  });
  assertEquals([events[0].event, events[0].host, events[0].lines], ["ban", "192.0.2.7", []]);
  assertEquals(receiver.at("/")[0]!.body, { topic: "my-topic", title, message: text, priority: 3 });
  assertEquals(receiver.at("/services/T0/B0/x")[0]!.body, {
    text: title,
    mrkdwn: false,
  });
  assertEquals(receiver.at("/api/webhooks/1/x")[0]!.body, {
    content: `\`\`\`\n${title}\n\`\`\``,
    allowed_mentions: { parse: [] },
  });
  assertEquals(receiver.at("/bot123:abc/sendMessage")[0]!.body, {
    chat_id: "-100200",
    text: title,
    link_preview_options: { is_disabled: true },
  });
  const [gotify] = receiver.at("/gotify/message");
  assertEquals(gotify!.headers.get("x-gotify-key"), "A.b");
  assertEquals(gotify!.body, { title, message: text, priority: 4 });
  assertEquals(receiver.at("/elsewhere"), []);
  assert(!relay.said.includes("t0ken") && !relay.said.includes("123:abc"), relay.said);
  assertEquals(await relay.stop(), 0);
});

Deno.test("five thousand bans are one message, and no restart or failure makes it two", async () => {
  await using receiver = new Receiver();
  await using agent = await newAgent();
  await agent.configure({
    "banjo.toml": `${DEFAULTS}
[notify.hook]
kind = "webhook"
url = "${receiver.url}/hook"
every = "1s"
`,
  });
  {
    await using _ = await TestRelay.start(agent);
    await begun(agent, 1);
    // The destination fails meanwhile, in each of its ways.
    let tries = 0;
    receiver.refuse = () => {
      tries++;
      return new Response("so \x1b[2J sorry", { status: tries === 1 ? 302 : 503 });
    };
    for (let block = 0; block < 20; block++) {
      const hosts = Array.from({ length: 250 }, (_, index) => `198.18.${block}.${index}`);
      await call(agent.runtime, "ban", { hosts, jail: "app" });
    }
    await agent.waitFor("a try", () => tries > 0);
    // A failing destination holds up nobody.
    assertEquals((await agent.banned()).length, 5000);
  }
  // The relay was killed while it had something to send.
  receiver.refuse = undefined;
  {
    await using relay = await TestRelay.start(agent);
    await agent.waitFor("the message", () => receiver.received.length > 0);
    await agent.waitFor("its record", () => relay.said.includes("sent"));
    assertEquals(await relay.stop(), 0);
  }
  await using relay = await TestRelay.start(agent);
  await call(agent.runtime, "ban", { hosts: ["192.0.2.9"], jail: "app" });
  const told = () => receiver.received.reduce((sum, { body }) => sum + body.counts.ban, 0);
  await agent.waitFor("news", () => told() >= 5001);
  assert(relay.said.includes("relays to hook"));
  const counts = receiver.received.map(({ body }) => body.counts.ban);
  // Some may have come before the destination was seen to fail; together they are all, each once.
  assertEquals(told(), 5001);
  assert(counts.length <= 3, counts.join());
  const [first] = receiver.received;
  assert(first!.body.text.length < 3000, first!.body.text);
  assert(/^\d+ bans: app \d+\n/.test(first!.body.text), first!.body.text);
});

Deno.test("--test tells of each destination whether it is reached, and nothing of its secrets", async () => {
  await using receiver = new Receiver();
  await using agent = await newAgent();
  receiver.refuse = (path) =>
    path === "/refuses"
      ? new Response("no \x1b[2Jsuch thing", { status: 404 })
      : path === "/leads-on"
      ? new Response(null, { status: 307, headers: { location: `${receiver.url}/fine` } })
      : undefined;
  await Deno.writeTextFile(`${agent.config}/open`, "secret", { mode: 0o644 });
  await Deno.writeTextFile(`${agent.config}/lines`, "a\r\nx-evil: 1", { mode: 0o600 });
  const hook = (name: string, keys: string) => `[notify.${name}]\nkind = "webhook"\n${keys}\n`;
  await agent.configure({
    "banjo.toml": DEFAULTS + [
      hook("fine", `url = "${receiver.url}/fine"`),
      hook("refuses", `url = "${receiver.url}/refuses"`),
      hook("leads-on", `url = "${receiver.url}/leads-on"`),
      hook("nobody", `url = "http://127.0.0.1:1/hush-hush"`),
      hook("open", `url = "${receiver.url}/x"\ntoken_file = "${agent.config}/open"`),
      hook("lines", `url = "${receiver.url}/x"\ntoken_file = "${agent.config}/lines"`),
    ].join(""),
  });
  const { code, stdout, stderr } = await run(await relayCommand(agent, "--test"));
  assertEquals(code, 1);
  assertEquals(stdout, "fine: sent\n");
  assertEquals(receiver.received.length, 1);
  for (
    const words of [
      "refuses it with 404: no \\x1b[2Jsuch thing",
      "refuses it with 307",
      "nobody: Cannot reach 127.0.0.1:1",
      "everybody may read it",
      "it is not one word of ASCII",
    ]
  ) assertStringIncludes(stderr, words);
  assert(!stderr.includes("hush-hush") && !stderr.includes("\x1b"), stderr);

  await agent.configure({ "banjo.toml": DEFAULTS });
  const nothing = await run(await relayCommand(agent));
  assertEquals(nothing.code, 2);
  assertStringIncludes(nothing.stderr, "no [notify.NAME], and no blocklist");
});

Deno.test("the hosts that are granted are those of the configuration, and only these", async () => {
  await using agent = await newAgent();
  await Deno.writeTextFile(`${agent.config}/hook`, "https://[2001:db8::1]:8443/x", { mode: 0o600 });
  await agent.configure({
    "banjo.toml": `${DEFAULTS}
[notify.a]
kind = "ntfy"
url = "https://NTFY.example/x"
[notify.b]
kind = "slack"
url_file = "${agent.config}/hook"
[notify.c]
kind = "telegram"
token_file = "/nowhere"
chat = "1"
[notify.d]
kind = "mail"
to = "root"
[notify.e]
kind = "webhook"
url = "http://intern:80/y"
`,
  });
  assertEquals(
    await must(await relayCommand(agent, "--hosts")),
    "ntfy.example:443,[2001:db8::1]:8443,api.telegram.org:443,intern:80\n",
  );
});

const needs = { programs: ["unshare", "mount"] };

testAsRoot(
  "mail goes to sendmail, and no text becomes a header or an option of it",
  needs,
  async () => {
    await using agent = await newAgent();
    await agent.configure({
      "banjo.toml": `${DEFAULTS}
[notify.post]
kind = "mail"
to = ["root", "ops@example.org"]
from = "banjo@example.org"
events = ["ban", "alarm"]
`,
    });
    // A sendmail of our own stands over the system's folder, where nobody else sees it.
    const box = `${agent.folder}/box`;
    await Deno.mkdir(box);
    const place = (...command: readonly string[]) => [
      "unshare",
      "--mount",
      "sh",
      "-ec",
      `mount -t tmpfs none /mnt && mkdir /mnt/up /mnt/work &&
    mount -t overlay none -o lowerdir=/usr/sbin,upperdir=/mnt/up,workdir=/mnt/work /usr/sbin &&
    rm -f /usr/sbin/sendmail &&
    printf '%s\\n' '#!/bin/sh' 'printf "%s\\n" "$@" >${box}/args; cat >${box}/new; mv ${box}/new ${box}/mail' >/usr/sbin/sendmail &&
    chmod 755 /usr/sbin/sendmail && exec "$@"`,
      "sh",
      ...command,
    ];
    await using relay = await TestRelay.start(agent, place);
    await begun(agent, 1);
    const report = (host: string) =>
      call(agent.runtime, "ban", { hosts: [host], jail: "app", for: 60_000 });
    await report("2001:db8::7");
    await agent.waitFor("a mail", () => exists(`${box}/mail`));
    assertEquals(
      (await Deno.readTextFile(`${box}/args`)).trim().split("\n"),
      ["-i", "-f", "banjo@example.org", "--", "root", "ops@example.org"],
    );
    const mail = await Deno.readTextFile(`${box}/mail`);
    const [head, body] = mail.split("\n\n") as [string, string];
    assertEquals(
      head.split("\n").filter((line) => !line.startsWith(" ")).map((line) => line.split(":")[0]),
      [
        "From",
        "To",
        "Subject",
        "Date",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Auto-Submitted",
      ],
    );
    const text = new TextDecoder().decode(Uint8Array.fromBase64(body.replaceAll("\n", "")));
    assertEquals(text, "2001:db8::/64 banned in app for 1m (by hand)\n");
    assertEquals(await relay.stop(), 0);
  },
);

const DEFAULTS = '[defaults]\nfirewall = "dry-run"\n';

/** An agent in a dry run. */
function newAgent(): Promise<TestAgent> {
  return TestAgent.start({
    config: { "banjo.toml": DEFAULTS, "jails/app.toml": "[app]\nenabled = true\nreports = true\n" },
  });
}

/** Waits until so many couriers know where they begin. */
async function begun(agent: TestAgent, couriers: number): Promise<void> {
  await agent.waitFor("the relay", async () => {
    try {
      const entries = await Array.fromAsync(Deno.readDir(`${agent.state}-relay`));
      return entries.filter(({ name }) => name.endsWith(".json")).length === couriers;
    } catch {
      return false;
    }
  });
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
