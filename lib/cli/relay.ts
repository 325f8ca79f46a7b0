import { ConfigError, formatProblem, type LoadedConfig, loadNotify } from "../config/mod.ts";
import { log, startLog } from "../log.ts";
import { printable } from "../printable.ts";
import {
  askForLists,
  carry,
  deliver,
  fetchLists,
  isUrl,
  testMessage,
  urlOf,
} from "../relay/mod.ts";
import { type Command, dirOf, sharedFlags, type Words } from "./command.ts";
import { style } from "./render.ts";
import { serverName } from "./server_name.ts";

/** Where the relay keeps what it has sent. */
const STATE = "/var/lib/banjo-relay";

/** `banjo relay` */
export const relay: Command = {
  name: "relay",
  operands: "",
  summary: "Send messages to where [notify] says, and fetch blocklists",
  details:
    "A process of its own (banjo-relay.service), for the agent has no network. It may speak to the hosts of\n" +
    "[notify] in banjo.toml and of blocklists, and to no others: after a change of banjo.toml, restart it.",
  flags: {
    test: { about: "send a test message to every destination, and end" },
    hosts: { about: "print the hosts that it must be allowed to speak to, and end" },
    ...sharedFlags.config,
    state: {
      value: "DIR",
      offers: "folders",
      about: `folder for what was sent (default ${STATE})`,
    },
    ...sharedFlags.runtime,
  },
  arity: [0, 0],
  async run(words) {
    const { agent, notify, problems } = await loadNotify(dirOf(words, "config"));
    startLog(agent.logLevel);
    const lists = await askForLists(dirOf(words, "runtime"));
    const urls = lists?.map(({ source }) => source).filter(isUrl);
    if (words.has("hosts")) return await printHosts(notify, urls ?? []);
    for (const problem of problems) console.error(formatProblem(problem));
    const server = printable(await serverName());
    if (words.has("test") && notify.length === 0) {
      throw new ConfigError("Cannot send a test message: banjo.toml has no [notify.NAME]");
    }
    if (notify.length === 0 && urls?.length === 0) {
      throw new ConfigError(
        "Cannot relay anything: banjo.toml has no [notify.NAME], and no blocklist has a URL",
      );
    }
    return words.has("test") ? await test(notify, server) : await run(notify, server, words);
  },
};

type Destinations = LoadedConfig["notify"];

async function run(notify: Destinations, server: string, words: Words): Promise<number> {
  const stateDir = words.value("state") ?? STATE;
  await Deno.mkdir(stateDir, { recursive: true, mode: 0o700 });
  const ending = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => ending.abort());
  }
  log.info(`banjo relays to ${notify.map(({ name }) => name).join(", ") || "nobody"}`);
  const options = {
    runtimeDir: dirOf(words, "runtime"),
    stateDir,
    server,
    signal: ending.signal,
  };
  const fetching = fetchLists(options).then((end) => {
    if (end === "signal") return;
    log.info("Ending, to be started anew with the right to speak to another blocklist's host");
    ending.abort();
  });
  await Promise.all([fetching, ...notify.map((destination) => carry(destination, options))]);
  return 0;
}

async function test(notify: Destinations, server: string): Promise<number> {
  const outcomes = await Promise.all(notify.map(async (destination) => {
    try {
      await deliver(destination, testMessage(server));
      console.log(`${destination.name}: ${style.good("sent")}`);
      return true;
    } catch (error) {
      console.error(`${destination.name}: ${style.bad(printable((error as Error).message))}`);
      return false;
    }
  }));
  return outcomes.every(Boolean) ? 0 : 1;
}

/** For the launcher, which grants these and no others. */
async function printHosts(notify: Destinations, lists: readonly string[]): Promise<number> {
  const hosts = new Set<string>();
  // What is wrong with a destination's file is told when it is used.
  const urls = await Promise.all(notify.map((each) => urlOf(each).catch(() => undefined)));
  for (const url of [...urls, ...lists]) {
    const { hostname, port, protocol } = URL.parse(url ?? "") ?? {};
    if (hostname) hosts.add(`${hostname}:${port || (protocol === "http:" ? 80 : 443)}`);
  }
  console.log([...hosts].join(","));
  return 0;
}
