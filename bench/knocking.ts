/** Whether a host is let through, from its own point of view: it pings the server all the time. */
import { addresses, type HostName, type Network } from "../tests/network.ts";

/** A host that pings the server every 10 ms, until the network is taken away. */
export class Knocking {
  #last = 0;

  private constructor() {}

  /** Resolves once a first ping has been sent. */
  static async begin(network: Network, host: HostName): Promise<Knocking> {
    const knocking = new Knocking();
    const command = ["/usr/bin/ping", "-n", "-i", "0.01", addresses.server.ipv4];
    const ping = network.spawn(host, command, { stdout: "piped" });
    const begun = Promise.withResolvers<void>();
    void (async () => {
      for await (const text of ping.stdout.pipeThrough(new TextDecoderStream())) {
        begun.resolve();
        if (text.includes("bytes from")) knocking.#last = Date.now();
      }
      begun.reject(new Error("Cannot ping: /usr/bin/ping, of Debian's iputils-ping, has ended"));
    })();
    await begun.promise;
    return knocking;
  }

  /** When the last ping so far was answered, in milliseconds since the epoch; 0 for never. */
  get last(): number {
    return this.#last;
  }

  /** When the last ping was answered, once none has been for a second. */
  async end(): Promise<number> {
    while (Date.now() - this.#last < 1000) await new Promise((go) => setTimeout(go, 20));
    return this.#last;
  }
}
