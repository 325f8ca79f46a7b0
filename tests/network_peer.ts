/**
 * The two ends of a TCP connection, each run as a process on a host of a test network.
 *
 *     listen PORT...        greets who connects with a line, and echoes what it gets
 *     probe ADDRESS PORT    prints open, refused or silent
 *     talk ADDRESS PORT     sends its standard input and prints what comes back
 *     knock ADDRESS PORT    connects again and again, until its standard input ends; prints how often, and how often
 *                           it was answered
 */
const [mode, ...args] = Deno.args;

/** Longer than the second after which TCP sends an unanswered SYN again; on a bridge answers take microseconds. */
const PATIENCE = 1500;

switch (mode) {
  case "listen":
    listen(args.map(Number));
    break;
  case "probe":
    await probe(args[0]!, Number(args[1]));
    break;
  case "talk":
    await talk(args[0]!, Number(args[1]));
    break;
  case "knock":
    await knock(args[0]!, Number(args[1]));
    break;
}

function listen(ports: readonly number[]): void {
  for (const port of ports) serve(Deno.listen({ hostname: "::", port }));
  console.log("ready");
}

async function serve(listener: Deno.Listener): Promise<void> {
  for await (const connection of listener) {
    await connection.write(new TextEncoder().encode("hello\n"));
    connection.readable.pipeTo(connection.writable).catch(() => {});
  }
}

async function probe(hostname: string, port: number): Promise<void> {
  setTimeout(() => finish("silent"), PATIENCE);
  try {
    const connection = await Deno.connect({ hostname, port });
    const greeting = await connection.read(new Uint8Array(16));
    finish(greeting === null ? "refused" : "open");
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    finish("refused");
  }
}

async function talk(hostname: string, port: number): Promise<void> {
  const connection = await Deno.connect({ hostname, port });
  await Promise.all([
    Deno.stdin.readable.pipeTo(connection.writable),
    connection.readable.pipeTo(Deno.stdout.writable),
  ]);
}

/** Every 5 milliseconds a first packet goes out; those before need not have been answered, and are sent again after a second. */
async function knock(hostname: string, port: number): Promise<void> {
  let knocks = 0;
  let answers = 0;
  const stop = new AbortController();
  setInterval(() => {
    knocks++;
    Deno.connect({ hostname, port, signal: stop.signal }).then((connection) => {
      answers++;
      connection.close();
    }, (error) => {
      if (error instanceof Deno.errors.ConnectionRefused) answers++;
    });
  }, 5);
  console.log("knocking");
  for await (const _ of Deno.stdin.readable);
  stop.abort();
  finish(`${knocks} ${answers}`);
}

function finish(word: string): never {
  console.log(word);
  Deno.exit();
}
