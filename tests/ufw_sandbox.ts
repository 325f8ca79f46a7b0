/**
 * ufw on the server of a test network. ufw keeps its rules in files, so it runs in a mount namespace with copies of
 * its folders: the machine's own ufw never notices.
 */
import { end, must, type Network } from "./network.ts";

/** A private ufw; `await using` ends it. The network's end takes its rules in the kernel away. */
export class UfwSandbox implements AsyncDisposable {
  readonly #holder: Deno.ChildProcess;

  private constructor(holder: Deno.ChildProcess) {
    this.#holder = holder;
  }

  /** Prepares the copies. ufw is inactive, without any rule. */
  static async create(network: Network): Promise<UfwSandbox> {
    const script = `${PREPARE_UFW}\necho ready\nexec sleep infinity\n`;
    const shell = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script];
    const holder = network.spawn("server", shell, { stdout: "piped", stderr: "inherit" });
    const reader = holder.stdout.getReader();
    const { done } = await reader.read();
    await reader.cancel();
    if (done) throw new Error("Cannot prepare folders for ufw");
    return new UfwSandbox(holder);
  }

  /** A command as it is run where the copies are. */
  in(...command: readonly string[]): readonly string[] {
    return ["/usr/bin/nsenter", "-t", String(this.#holder.pid), "-m", "-n", "--", ...command];
  }

  /** Runs ufw and gives what it printed. Throws unless it exits with 0. */
  ufw(...args: readonly string[]): Promise<string> {
    return must(this.in("/usr/sbin/ufw", ...args));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#holder);
  }
}

/** For the shell in a mount namespace: ufw's folders become copies on a tmpfs, and ufw is inactive, without any rule. */
export const PREPARE_UFW = `
mount -t tmpfs tmpfs /mnt
for folder in /etc/ufw /etc/default /lib/ufw; do
  mkdir -p /mnt$folder
  cp -a $folder/. /mnt$folder
  mount --bind /mnt$folder $folder
done
mount -t tmpfs tmpfs /run
ufw --force reset > /mnt/reset.log
`;
