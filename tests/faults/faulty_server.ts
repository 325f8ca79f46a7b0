/**
 * A server on which everything around the agent can fail: mount and network namespaces of its own, in which a wrapper
 * stands before each tool that fails when it is told to, and the state lies on a small disk. Needs root.
 */
import type { Place } from "../banjo.ts";
import { end, must } from "../network.ts";
import { PREPARE_UFW } from "../ufw_sandbox.ts";

/** A tool that the agent uses, by its path. */
export type Tool = keyof typeof tools;
const tools = { nft: "/usr/sbin/nft", ufw: "/usr/sbin/ufw", journalctl: "/usr/bin/journalctl" };

/**
 * How the next call of a tool fails. `late`: it does its work and says that it failed; `hanging`: it never ends;
 * `garbage`: it prints some before what it should.
 */
export type ToolFault = "refused" | "late" | "killed" | "slow" | "hanging" | "garbage";

export class FaultyServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #holder: Deno.ChildProcess;
  #faults = 0;
  #disk: string | undefined;

  private constructor(folder: string, holder: Deno.ChildProcess) {
    this.#folder = folder;
    this.#holder = holder;
  }

  /** `hasUfw`: with an active ufw of its own, without any rule. */
  static async create({ hasUfw = false } = {}): Promise<FaultyServer> {
    const folder = await Deno.makeTempDir({ prefix: "banjo-faults-" });
    await Deno.writeTextFile(`${folder}/wrapper`, WRAPPER.replaceAll("FOLDER", folder));
    await Deno.chmod(`${folder}/wrapper`, 0o755);
    await Deno.mkdir(`${folder}/real`);
    for (const tool of Object.keys(tools)) {
      await Deno.mkdir(`${folder}/faults/${tool}`, { recursive: true });
    }
    await Deno.writeTextFile(`${folder}/clock`, "+0\n");
    const script = (hasUfw ? PREPARE_UFW + ENABLE_UFW : "") + HOLDER;
    const holder = new Deno.Command("unshare", {
      args: [
        ...["--mount", "--propagation=private", "--net"],
        ...["sh", "-euc", script, "sh", folder, ...Object.values(tools)],
      ],
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
   * process namespace. Files closed to root are closed to them, as to a user who is not root.
   */
  readonly place: Place = (...command) =>
    this.#inside(
      ...["unshare", "--pid", "--fork", "--kill-child", "--"],
      ...["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"],
      ...command,
    );

  /** Waits until what was started at {@linkcode place} ends with the process that was started, if that is killed. */
  async untilHeld(pid: number): Promise<void> {
    for (;;) {
      try {
        if (this.heldBy(pid) !== undefined) return;
      } catch {
        // It has ended.
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** The process that runs at {@linkcode place} and ends with this one; undefined before it does. */
  heldBy(pid: number): number | undefined {
    const [child] = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).split(" ");
    const isIt = child && Deno.readTextFileSync(`/proc/${child}/comm`) !== "unshare\n";
    return isIt ? Number(child) : undefined;
  }

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

  /** A tool as it works without faults: with its leading arguments. */
  real(tool: Tool): readonly string[] {
    return this.#inside(`${this.#folder}/real/${tool}`);
  }

  /** Where a path of this server is seen from outside. */
  outside(path: string): string {
    return `/proc/${this.#holder.pid}/root${path}`;
  }

  /** Lays a fault ready for a call of a tool. */
  failTool(tool: Tool, fault: ToolFault): void {
    Deno.writeTextFileSync(`${this.#folder}/faults/${tool}/${++this.#faults}.${fault}`, "");
  }

  /** Takes away the faults that no call has met. */
  healTools(): void {
    for (const tool of Object.keys(tools)) {
      const folder = `${this.#folder}/faults/${tool}`;
      for (const { name } of Deno.readDirSync(folder)) {
        try {
          Deno.removeSync(`${folder}/${name}`);
        } catch (error) {
          // A call has taken it just now.
          if (!(error instanceof Deno.errors.NotFound)) throw error;
        }
      }
    }
  }

  /** Flushes the ruleset, as a reloaded nftables.conf does. */
  async flushRuleset(): Promise<void> {
    await must([...this.real("nft"), "flush", "ruleset"]);
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
    // It cannot be while something is being written through the new mount.
    const script = `
      mount --bind "$0" "$0"
      until mount -o remount,bind,ro "$0"; do umount --lazy "$0"; mount --bind "$0" "$0"; done`;
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

/** A log of blocked packets would go to the machine's own kernel log. */
const ENABLE_UFW = `
ip link set lo up
ufw logging off >/mnt/enable.log
ufw --force enable >>/mnt/enable.log
`;

const HOLDER = `
ip link set lo up
folder=$1
shift
for tool; do
  [ -e "$tool" ] || continue
  cp -p "$tool" "$folder/real/"
  mount --bind "$folder/wrapper" "$tool"
done
echo ready
exec sleep infinity
`;

/** Of two calls at once, the one that gets a fault renamed has it. */
const WRAPPER = `#!/bin/sh
tool=\${0##*/}
for fault in FOLDER/faults/$tool/*.*; do
  mv "$fault" "FOLDER/faults/taken-$$" 2>/dev/null || continue
  rm "FOLDER/faults/taken-$$"
  case $fault in
    *.refused) echo 'Error: Could not process rule: Device or resource busy' >&2; exit 1 ;;
    *.late) "FOLDER/real/$tool" "$@"; echo 'Error: netlink: No buffer space available' >&2; exit 1 ;;
    *.killed) kill -9 $$ ;;
    *.slow) sleep 1 ;;
    *.hanging) exec sleep infinity ;;
    *.garbage) printf '\\377\\033[2J{"__CURSOR":"s=0;i=7"}\\n{"MESSAGE\\n[]\\nnull\\n\\000\\n' ;;
  esac
  break
done
exec "FOLDER/real/$tool" "$@"
`;
