/**
 * A server on which everything around the agent can fail: mount and network namespaces of its own, in which a wrapper
 * stands before nft that fails when it is told to, and the state lies on a small disk. Needs root.
 */
import type { Place } from "../banjo.ts";
import { end, must } from "../network.ts";

/** How the next call of the tool fails. `late`: it does its work and says that it failed. */
export type ToolFault = "refused" | "late" | "killed" | "slow";
export const toolFaults: readonly ToolFault[] = ["refused", "late", "killed", "slow"];

export class FaultyServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #holder: Deno.ChildProcess;
  #faults = 0;
  #disk: string | undefined;

  private constructor(folder: string, holder: Deno.ChildProcess) {
    this.#folder = folder;
    this.#holder = holder;
  }

  static async create(): Promise<FaultyServer> {
    const folder = await Deno.makeTempDir({ prefix: "banjo-faults-" });
    await Deno.writeTextFile(`${folder}/nft`, WRAPPER.replaceAll("FOLDER", folder));
    await Deno.chmod(`${folder}/nft`, 0o755);
    await Deno.mkdir(`${folder}/faults`);
    await Deno.writeTextFile(`${folder}/clock`, "+0\n");
    const holder = new Deno.Command("unshare", {
      args: ["--mount", "--propagation=private", "--net", "sh", "-euc", HOLDER, "sh", folder],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const server = new FaultyServer(folder, holder);
    const reader = holder.stdout.getReader();
    const { done } = await reader.read();
    await reader.cancel();
    if (!done) return server;
    await server[Symbol.asyncDispose]();
    throw new Error("Cannot make namespaces for a server");
  }

  /**
   * Where commands run. What they leave behind ends with them, as systemd sees to it: each is the first process of a
   * process namespace.
   */
  readonly place: Place = (...command) =>
    this.#inside("unshare", "--pid", "--fork", "--kill-child", "--", ...command);

  /** What has a program go by this server's clock, which {@linkcode stepClock} steps. */
  get clock(): readonly string[] {
    return [
      `LD_PRELOAD=${FAKETIME}`,
      `FAKETIME_TIMESTAMP_FILE=${this.#folder}/clock`,
      "FAKETIME_CACHE_DURATION=1",
      "FAKETIME_DONT_FAKE_MONOTONIC=1",
      "NO_FAKE_STAT=1",
    ];
  }

  /** nft as it works without faults: with its leading arguments. */
  get nft(): readonly string[] {
    return this.#inside(`${this.#folder}/real-nft`);
  }

  /** Where a path of this server is seen from outside. */
  outside(path: string): string {
    return `/proc/${this.#holder.pid}/root${path}`;
  }

  /** Lays a fault ready for a call of nft. */
  failNft(fault: ToolFault): void {
    Deno.writeTextFileSync(`${this.#folder}/faults/${++this.#faults}.${fault}`, "");
  }

  /** Takes away the faults that no call has met. */
  healNft(): void {
    for (const { name } of Deno.readDirSync(`${this.#folder}/faults`)) {
      try {
        Deno.removeSync(`${this.#folder}/faults/${name}`);
      } catch (error) {
        // A call has taken it just now.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }

  /** Flushes the ruleset, as a reloaded nftables.conf does. */
  async flushRuleset(): Promise<void> {
    await must([...this.nft, "flush", "ruleset"]);
  }

  /** Puts a disk of so many bytes at a folder. */
  async mountDisk(folder: string, bytes: number): Promise<void> {
    await must(this.#inside("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder));
    this.#disk = folder;
  }

  /** Fills the disk to its last byte. */
  fillDisk(): void {
    using file = Deno.openSync(this.#ballast, { write: true, create: true });
    for (const piece of [new Uint8Array(65_536), new Uint8Array(4096)]) {
      try {
        for (;;) if (file.writeSync(piece) === 0) break;
      } catch {
        // No space is left for a piece of this size.
      }
    }
  }

  /** Frees what {@linkcode fillDisk} took. */
  freeDisk(): void {
    try {
      Deno.removeSync(this.#ballast);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Makes the disk read-only, also for who has files open there. */
  async protectDisk(): Promise<void> {
    const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"';
    await must(this.#inside("sh", "-ec", script, this.#disk!));
  }

  /** Takes back {@linkcode protectDisk}. */
  async unprotectDisk(): Promise<void> {
    await must(this.#inside("umount", "--lazy", this.#disk!));
  }

  /** Sets the clock to so many seconds before or behind the true time. */
  stepClock(seconds: number): void {
    Deno.writeTextFileSync(`${this.#folder}/clock`, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#holder);
    await Deno.remove(this.#folder, { recursive: true });
  }

  get #ballast(): string {
    return this.outside(`${this.#disk}/ballast`);
  }

  #inside(...command: readonly string[]): readonly string[] {
    return [
      "/usr/bin/nsenter",
      "-t",
      `${this.#holder.pid}`,
      "-m",
      "-n",
      "--wd=/",
      "--",
      ...command,
    ];
  }
}

/** Where Debian's package libfaketime has it. */
const FAKETIME = "/usr/$LIB/faketime/libfaketimeMT.so.1";

const HOLDER = `
ip link set lo up
cp -p /usr/sbin/nft "$1/real-nft"
mount --bind "$1/nft" /usr/sbin/nft
echo ready
exec sleep infinity
`;

/** Of two calls at once, the one that gets a fault renamed has it. */
const WRAPPER = `#!/bin/sh
for fault in FOLDER/faults/*.*; do
  mv "$fault" "FOLDER/faults/taken-$$" 2>/dev/null || continue
  rm "FOLDER/faults/taken-$$"
  case $fault in
    *.refused) echo 'Error: Could not process rule: Device or resource busy' >&2; exit 1 ;;
    *.late) FOLDER/real-nft "$@"; echo 'Error: netlink: No buffer space available' >&2; exit 1 ;;
    *.killed) kill -9 $$ ;;
    *.slow) sleep 1 ;;
  esac
  break
done
exec FOLDER/real-nft "$@"
`;
