/** What systemd is told of the agent, by sd_notify(3): that it is ready, how it is, and that it is alive. */
import { log } from "../log.ts";

/** Tells the service manager, where there is one that wants to hear. */
export class Supervisor implements Disposable {
  readonly #socket: Deno.DatagramConn | undefined;
  readonly #own: string;
  readonly #path: string;
  #status = "";
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  private constructor(socket: Deno.DatagramConn | undefined, own: string, path: string) {
    this.#socket = socket;
    this.#own = own;
    this.#path = path;
  }

  /** `runtimeDir` holds our end: Deno has no datagram sockets without a name. */
  static open(runtimeDir: string): Supervisor {
    const path = Deno.env.get("NOTIFY_SOCKET") ?? "";
    const own = `${runtimeDir}/notify.sock`;
    // An abstract socket (`@...`), which systemd does not use for its services, is not reached from here.
    if (!path.startsWith("/")) return new Supervisor(undefined, own, path);
    try {
      removeSocket(own);
      const socket = Deno.listenDatagram({ transport: "unixpacket", path: own });
      return new Supervisor(socket, own, path);
    } catch (error) {
      log.warn(`Cannot tell systemd how it goes: ${(error as Error).message}`);
      return new Supervisor(undefined, own, path);
    }
  }

  /**
   * The agent is ready. From now on it says that it is alive, thrice as often as systemd asks for (WatchdogSec): an agent
   * whose event loop hangs says nothing, and is started anew.
   */
  async ready(): Promise<void> {
    await this.#send("READY=1");
    const limit = Number(Deno.env.get("WATCHDOG_USEC") ?? 0) / 1000;
    if (this.#socket === undefined || !(limit > 0)) return;
    this.#heartbeat = setInterval(() => void this.#send("WATCHDOG=1"), limit / 3);
  }

  /** How the agent is, in a line: `systemctl status` shows it. */
  async status(text: string): Promise<void> {
    if (text === this.#status) return;
    this.#status = text;
    await this.#send(`STATUS=${text.replaceAll("\n", " ")}`);
  }

  /** The agent is ending. It still says that it is alive, for that may take a while. */
  stopping(): Promise<void> {
    return this.#send("STOPPING=1");
  }

  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat);
    if (this.#socket === undefined) return;
    this.#socket.close();
    removeSocket(this.#own);
  }

  async #send(message: string): Promise<void> {
    try {
      await this.#socket?.send(new TextEncoder().encode(message), {
        transport: "unixpacket",
        path: this.#path,
      });
    } catch (error) {
      // systemd may be busy with itself (daemon-reexec): the next message will do.
      log.debug(`systemd did not hear ${message}: ${(error as Error).message}`);
    }
  }
}

/** Takes away a socket that an agent left here; nothing else is touched. */
function removeSocket(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
