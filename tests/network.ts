/**
 * Several hosts on one machine: network namespaces on one bridge, with IPv4 and IPv6, out of reach of the machine's
 * own network. Everyone reaches everyone; the container is reached through the server alone, as a published service.
 *
 *     attacker   neighbour   innocent   server ── container
 *        └───────────┴───────────┴────────┘
 */

/** Each host's addresses. The attacker and the neighbour share a /24 and an IPv6 /64. */
export const addresses = {
  server: { ipv4: "192.0.2.1", ipv6: "2001:db8::1" },
  attacker: { ipv4: "198.51.100.66", ipv6: "2001:db8:bad:bad::66" },
  neighbour: { ipv4: "198.51.100.67", ipv6: "2001:db8:bad:bad::67" },
  innocent: { ipv4: "203.0.113.7", ipv6: "2001:db8:a:b::7" },
  container: { ipv4: "10.99.0.2", ipv6: "fd00:99::2" },
} as const;

/** The server's address on the container's side. */
export const gateway = { ipv4: "10.99.0.1", ipv6: "fd00:99::1" } as const;

export type HostName = keyof typeof addresses;

/** What came of a command. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running network; `await using` takes it away. */
export class Network implements AsyncDisposable {
  readonly #prefix = `banjo-${crypto.randomUUID().slice(0, 8)}`;
  readonly #children: Deno.ChildProcess[] = [];

  /** Sets all hosts up. */
  static async create(): Promise<Network> {
    const network = new Network();
    try {
      await network.#build();
    } catch (error) {
      await network.close();
      throw error;
    }
    return network;
  }

  /** The name of a host's network namespace. */
  namespace(host: HostName | "switch"): string {
    return `${this.#prefix}-${host}`;
  }

  /** A command as it is run on a host. */
  on(host: HostName, ...command: readonly string[]): readonly string[] {
    return [IP, "netns", "exec", this.namespace(host), ...command];
  }

  /** Runs a command on a host, to its end. `input` goes to its standard input. */
  exec(host: HostName, command: readonly string[], input = ""): Promise<Outcome> {
    return run(this.on(host, ...command), input);
  }

  /** As {@linkcode exec}, but throws unless the command succeeds. Gives what it printed. */
  must(host: HostName, command: readonly string[], input = ""): Promise<string> {
    return must(this.on(host, ...command), input);
  }

  /** Starts a command on a host; {@linkcode close} ends it where it still runs. */
  spawn(
    host: HostName,
    command: readonly string[],
    options: Deno.CommandOptions = {},
  ): Deno.ChildProcess {
    const [program, ...args] = this.on(host, ...command);
    const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
    const child = new Deno.Command(program!, { ...quiet, ...options, args }).spawn();
    this.#children.push(child);
    return child;
  }

  /** Greets and echoes on a host's TCP ports, IPv4 and IPv6. Resolves when all are open. */
  async listen(host: HostName, ...ports: readonly number[]): Promise<void> {
    const listener = this.spawn(host, peer("listen", ...ports), { stdout: "piped" });
    const reader = listener.stdout.getReader();
    const { done } = await reader.read();
    await reader.cancel();
    if (done) throw new Error(`Cannot listen on ${host}: ports ${ports.join(", ")}`);
  }

  /** What comes of connecting from a host to a listener; `silent`: nothing, as if the packets were dropped. */
  async probe(
    host: HostName,
    address: string,
    port: number,
  ): Promise<"open" | "refused" | "silent"> {
    const word = await this.must(host, peer("probe", address, port));
    return word.trim() as "open" | "refused" | "silent";
  }

  /** A connection from a host to a listener that stays open. */
  async talk(host: HostName, address: string, port: number): Promise<Talk> {
    const pipes = { stdin: "piped", stdout: "piped" } as const;
    const talk = new Talk(this.spawn(host, peer("talk", address, port), pipes));
    await talk.hears("hello");
    return talk;
  }

  /** Knocks at a port from a host, some hundred times a second, until the knocking is ended. */
  async knock(host: HostName, address: string, port: number): Promise<Knocking> {
    const pipes = { stdin: "piped", stdout: "piped" } as const;
    const child = this.spawn(host, peer("knock", address, port), pipes);
    const knocking = new Knocking(child);
    await knocking.begun();
    return knocking;
  }

  /** Ends what runs, and takes all hosts away. */
  async close(): Promise<void> {
    for (const child of this.#children) await end(child);
    for (const host of [...hostNames(), "switch"] as const) {
      await run([IP, "netns", "delete", this.namespace(host)]);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #build(): Promise<void> {
    for (const host of [...hostNames(), "switch"] as const) {
      await must([IP, "netns", "add", this.namespace(host)]);
    }
    await this.#configure(
      "switch",
      "link add bridge type bridge mcast_snooping 0",
      "link set bridge up",
    );
    for (const host of hostNames()) {
      if (host === "container") await this.#attachContainer();
      else await this.#attach(host);
    }
  }

  /** Every host takes every address for one on its own link, so that none needs a router. */
  async #attach(host: HostName): Promise<void> {
    await this.#configure(
      "switch",
      `link add ${host} type veth peer name eth0 netns ${this.namespace(host)}`,
      `link set ${host} master bridge up`,
    );
    const { ipv4, ipv6 } = addresses[host];
    await this.#configure(
      host,
      "link set lo up",
      "link set eth0 up",
      `address add ${ipv4}/32 dev eth0`,
      `address add ${ipv6}/128 dev eth0 nodad`,
      `route add default dev eth0`,
      `route add ::/0 dev eth0`,
    );
  }

  async #attachContainer(): Promise<void> {
    await this.#configure(
      "server",
      `link add inside type veth peer name eth0 netns ${this.namespace("container")}`,
      "link set inside up",
      `address add ${gateway.ipv4}/24 dev inside`,
      `address add ${gateway.ipv6}/64 dev inside nodad`,
    );
    await this.must("server", [
      "sysctl",
      "-qw",
      "net.ipv4.ip_forward=1",
      "net.ipv6.conf.all.forwarding=1",
    ]);
    const { ipv4, ipv6 } = addresses.container;
    await this.#configure(
      "container",
      "link set lo up",
      "link set eth0 up",
      `address add ${ipv4}/24 dev eth0`,
      `address add ${ipv6}/64 dev eth0 nodad`,
      `route add default via ${gateway.ipv4}`,
      `route add ::/0 via ${gateway.ipv6}`,
    );
  }

  async #configure(host: HostName | "switch", ...lines: readonly string[]): Promise<void> {
    await must([IP, "-n", this.namespace(host), "-batch", "-"], lines.join("\n") + "\n");
  }
}

/** An open connection. */
export class Talk {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #heard = "";

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Sends a line; the listener will echo it. */
  async say(line: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Waits until these words have come back. */
  async hears(words: string): Promise<void> {
    while (!this.#heard.includes(words)) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`Cannot hear ${JSON.stringify(words)}: the connection ended`);
      this.#heard += value;
    }
  }

  /** Ends the connection. */
  async hangUp(): Promise<void> {
    await end(this.#child);
    await this.#writer.abort().catch(() => {});
    await this.#reader.cancel();
  }
}

/** Connecting again and again to a port. */
export class Knocking {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Resolves when the first is about to go out. */
  async begun(): Promise<void> {
    await this.#reader.read();
  }

  /** How often it knocked, and how often anything came back. */
  async end(): Promise<{ knocks: number; answers: number }> {
    await this.#child.stdin.close();
    const { value = "" } = await this.#reader.read();
    await this.#reader.cancel();
    await this.#child.status;
    const [knocks, answers] = value.trim().split(" ").map(Number);
    return { knocks: knocks!, answers: answers! };
  }
}

/** Runs a command to its end. */
export async function run(command: readonly string[], input = ""): Promise<Outcome> {
  const [program, ...args] = command;
  const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(program!, { args, ...pipes }).spawn();
  const writer = child.stdin.getWriter();
  // A program that does not read its input has nothing to lose by it.
  const fed = writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(
    () => {},
  );
  const [{ code, stdout, stderr }] = await Promise.all([child.output(), fed]);
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Runs a command, throws with its words unless it succeeds, and gives what it printed. */
export async function must(command: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await run(command, input);
  if (code !== 0) throw new Error(`Cannot run ${command.join(" ")}: exit code ${code}: ${stderr}`);
  return stdout;
}

/** Ends a process that a test started, and waits for its end. */
export async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It ended by itself.
    if (!(error instanceof TypeError)) throw error;
  }
  await child.status;
}

const IP = "/usr/sbin/ip";

function hostNames(): readonly HostName[] {
  return Object.keys(addresses) as HostName[];
}

function peer(...args: readonly (string | number)[]): readonly string[] {
  const script = new URL("./network_peer.ts", import.meta.url).pathname;
  const flags = ["--quiet", "--no-config", "--no-lock", "--allow-net"];
  return [Deno.execPath(), "run", ...flags, script, ...args.map(String)];
}
