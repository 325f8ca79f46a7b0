/** A Unix socket on which every line of a client is answered with one. */
import { log } from "../log.ts";
import { LineTooLong, readLines } from "./lines.ts";
import { removeSocket, removeStaleSocket } from "./socket_file.ts";

/** What is served on a socket, and to whom. */
export interface SocketOptions {
  /** Where it is; its folder is made if need be. */
  readonly path: string;
  /** Who may connect, besides the owner: members of this group. Without such a group, those of the owner's. */
  readonly group: string;
  /** No line is longer, in bytes. */
  readonly longestLine: number;
  /** So many clients at once; one more takes the place of whoever has said nothing for the longest time. */
  readonly mostClients: number;
  /** A client has connected: gives what answers his lines, one after the other; undefined: this one wants no answer. */
  greet(): (line: string) => Promise<string | undefined> | string;
  /** What is answered to a line that is too long; the connection ends with that. */
  refuse(why: string): string;
}

/**
 * So much may wait for clients to take it, in bytes: a client that takes nothing would else hold its answer for as long as
 * it is let stay.
 */
const MOST_UNSENT = 16 << 20;
/** A client that sends nothing, or does not take its answer, for so long is let go. In milliseconds. */
const IDLE_LIMIT = 60_000;
/** After a client could not be let in, the next one is tried so much later, in milliseconds. */
const RETRY = 100;

/** Answers on a Unix socket, mode 0660, until it is closed. */
export class LineSocket {
  readonly #listener: Deno.UnixListener;
  readonly #options: SocketOptions;
  readonly #clients = new Set<Deno.UnixConn>();
  /** Those who have the word and say nothing, the longest silent first. */
  readonly #silent = new Set<Deno.UnixConn>();
  /** How long the answers are, in bytes, that clients still have to take; who has taken nothing for the longest is first. */
  readonly #unsent = new Map<Deno.UnixConn, number>();
  readonly #serving: Promise<void>;
  #isClosed = false;

  private constructor(listener: Deno.UnixListener, options: SocketOptions) {
    this.#listener = listener;
    this.#options = options;
    this.#serving = this.#accept();
  }

  /**
   * Opens the socket. One left over by an agent that died is replaced.
   * @throws {Error} where another agent answers there, or the folder cannot be written.
   */
  static async open(options: SocketOptions): Promise<LineSocket> {
    const { path, group } = options;
    const folder = path.slice(0, path.lastIndexOf("/"));
    await Deno.mkdir(folder, { recursive: true, mode: 0o755 });
    if ((await Deno.lstat(folder)).isSymlink) {
      throw new Error(`Cannot listen in ${folder}: it is a symbolic link`);
    }
    await removeStaleSocket(path, "agent");
    // Until the chmod it has the mode that the process's mask gives it. To connect takes the right to write, which no
    // usual mask leaves to others; and to set a mask takes every right that Deno knows, which this program has not.
    const listener = Deno.listen({ transport: "unix", path });
    await giveToGroup(path, group);
    return new LineSocket(listener, options);
  }

  /** Stops answering, lets every client go and takes the socket away. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    for (const client of this.#clients) closeQuietly(client);
    await this.#serving;
    await removeSocket(this.#options.path);
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      const connection = await this.#listener.accept().catch(() => undefined);
      if (connection === undefined) {
        // Closed, or for now out of file descriptors, say: whoever waits is served once there are some again.
        if (!this.#isClosed) await new Promise((resolve) => setTimeout(resolve, RETRY));
        continue;
      }
      if (!this.#makeRoom()) {
        closeQuietly(connection);
        continue;
      }
      this.#clients.add(connection);
      void this.#serve(connection).finally(() => this.#letGo(connection));
    }
  }

  /** Whether there is room for one more client. */
  #makeRoom(): boolean {
    if (this.#clients.size < this.#options.mostClients) return true;
    const [silent] = this.#silent;
    if (silent === undefined) return false;
    this.#letGo(silent);
    return true;
  }

  #letGo(connection: Deno.UnixConn): void {
    this.#clients.delete(connection);
    this.#silent.delete(connection);
    closeQuietly(connection);
  }

  async #serve(connection: Deno.UnixConn): Promise<void> {
    const { longestLine, greet, refuse } = this.#options;
    const answer = greet();
    let idle: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      clearTimeout(idle);
      idle = setTimeout(() => closeQuietly(connection), IDLE_LIMIT);
    };
    const listen = () => {
      wait();
      if (this.#clients.has(connection)) this.#silent.add(connection);
    };
    try {
      listen();
      for await (const line of readLines(chunksOf(connection), longestLine)) {
        // Only the client is waited for so long, not what answers.
        clearTimeout(idle);
        this.#silent.delete(connection);
        const reply = await answer(line);
        wait();
        if (reply !== undefined) await this.#send(connection, reply);
        listen();
      }
    } catch (error) {
      // A client that went away needs no answer; one that sent too much gets its reason.
      if (error instanceof LineTooLong) {
        await this.#send(connection, refuse(error.message)).catch(() => {});
      }
    } finally {
      clearTimeout(idle);
    }
  }

  async #send(connection: Deno.UnixConn, message: string): Promise<void> {
    const bytes = new TextEncoder().encode(message + "\n");
    this.#makeRoomFor(bytes.length);
    try {
      for (let sent = 0; sent < bytes.length;) {
        this.#unsent.delete(connection);
        this.#unsent.set(connection, bytes.length);
        sent += await connection.write(bytes.subarray(sent));
      }
    } finally {
      this.#unsent.delete(connection);
    }
  }

  /** Lets clients go that do not take their answers, until there is room for one more answer of that length. */
  #makeRoomFor(length: number): void {
    let unsent = length + this.#unsent.values().reduce((sum, each) => sum + each, 0);
    for (const [client, each] of this.#unsent) {
      if (unsent <= MOST_UNSENT) break;
      this.#unsent.delete(client);
      this.#letGo(client);
      unsent -= each;
    }
  }
}

/** In bytes. Deno's own streams take 64 KiB for each client that says nothing, which adds up when thousands come and go. */
const SMALL = 512;
const LARGE = 65_536;

async function* chunksOf(connection: Deno.UnixConn): AsyncIterable<Uint8Array<ArrayBuffer>> {
  let buffer = new Uint8Array(SMALL);
  for (let length; (length = await connection.read(buffer)) !== null;) {
    yield buffer.slice(0, length);
    if (length === SMALL) buffer = new Uint8Array(LARGE);
  }
}

/** Members of the group may use the socket. Without such a group, or the right to give files away, it stays ours. */
async function giveToGroup(path: string, group: string): Promise<void> {
  await Deno.chmod(path, 0o660);
  const groups = await Deno.readTextFile("/etc/group").catch(() => "");
  const id = groups.split("\n").map((line) => line.split(":")).find(([name]) => name === group)
    ?.[2];
  if (id === undefined) return;
  await Deno.chown(path, null, Number(id)).catch((error) =>
    log.warn(`Cannot give ${path} to the group ${group}: ${error.message}`)
  );
}

function closeQuietly(connection: Deno.UnixConn): void {
  try {
    connection.close();
  } catch {
    // Already closed by the other side.
  }
}
