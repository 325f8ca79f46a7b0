/**
 * A real sshd on the server of a test network, and the real ssh to log in from other hosts. It has accounts, PAM, logs
 * and runtime folders of its own, in a mount namespace; it logs to the journal of a private journald.
 */
import type { PrivateJournald } from "../journald.ts";
import { end, type HostName, must, type Network, run } from "../network.ts";

/** The one account. */
export const account = { name: "alice", password: "correct horse" } as const;

/** What sshd and ssh need to be installed. */
export const sshPrograms = ["sshd", "ssh", "ssh-keygen", "sshpass", "perl", "unshare"] as const;

/** sshd on port 22, IPv4 and IPv6; `await using` ends it with all its connections. */
export class SshServer implements AsyncDisposable {
  readonly #network: Network;
  readonly #sshd: Deno.ChildProcess;
  readonly #folder: string;

  private constructor(network: Network, sshd: Deno.ChildProcess, folder: string) {
    this.#network = network;
    this.#sshd = sshd;
    this.#folder = folder;
  }

  /** The network must be older than the journald, whose mounts show the namespaces that there were. */
  static async start(network: Network, journald: PrivateJournald): Promise<SshServer> {
    const folder = await Deno.makeTempDir({ prefix: "banjo-sshd-" });
    await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${folder}/key`]);
    await Deno.writeTextFile(`${folder}/sshd_config`, CONFIG + `HostKey ${folder}/key\n`);
    const inside = ["unshare", "--mount", "--propagation=private", "sh", "-euc", START, "sh"];
    const command = network.on("server", ...inside, folder, account.name, account.password);
    const [program, args] = journald.command(command);
    const stdio = { stdin: "null", stdout: "null", stderr: "inherit" } as const;
    const server = new SshServer(
      network,
      new Deno.Command(program, { args, ...stdio }).spawn(),
      folder,
    );
    try {
      await server.#listening();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Logs in once, with a password. `in`: it worked; `denied`: sshd would not have it; `silent`: nobody answered, as if
   * the packets were dropped.
   */
  async login(
    host: HostName,
    address: string,
    password: string = account.password,
    name: string = account.name,
  ): Promise<"in" | "denied" | "silent"> {
    const ssh = ["sshpass", "-p", password, "ssh", ...OPTIONS, "-l", name, address, "true"];
    const { code, stderr } = await run(this.#network.on(host, ...ssh));
    if (code === 0) return "in";
    if (stderr.includes("Permission denied")) return "denied";
    if (stderr.includes("timed out")) return "silent";
    throw new Error(`Cannot tell what came of ssh: exit code ${code}: ${stderr}`);
  }

  /** Gives a wrong password so many times, one connection each. Throws if one is not simply denied. */
  async guess(host: HostName, address: string, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const outcome = await this.login(host, address, `wrong${i}`);
      if (outcome !== "denied") throw new Error(`Cannot guess from ${host}: ${outcome}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connections = await descendantsOf(this.#sshd.pid);
    await end(this.#sshd);
    for (const pid of connections) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #listening(): Promise<void> {
    const sockets = ["ss", "-Hltn", "sport = :22"];
    while ((await this.#network.must("server", sockets)).trim().split("\n").length < 2) {
      const ended = await Promise.race([this.#sshd.status, delay(20)]);
      if (ended !== undefined) throw new Error(`Cannot start sshd: exit code ${ended.code}`);
    }
  }
}

/** As Debian ships it, where it matters. */
const CONFIG = `
Port 22
UsePAM yes
KbdInteractiveAuthentication no
PasswordAuthentication yes
MaxStartups 100:30:200
PrintMotd no
`;

/**
 * Its own /run (sshd wants a folder there), /var/log (it counts failed logins in btmp), accounts, and a PAM that does
 * not wait two seconds after a wrong password. OpenSSH 9.8 and later would turn the attacker away by themselves.
 */
const START = `
run=$1/run
mkdir "$run" "$1/etc"
mount -t tmpfs tmpfs "$run"
mkdir "$run/systemd" "$run/sshd"
mount --bind /run/systemd "$run/systemd"
mount --rbind "$run" /run
mount -t tmpfs tmpfs /var/log
cp /etc/passwd /etc/shadow "$1/etc"
cp -r /etc/pam.d "$1/etc"
sed -i 's/pam_unix\\.so/& nodelay/' "$1/etc/pam.d/common-auth"
hash=$(perl -e 'print crypt($ARGV[0], q($6$banjo$))' "$3")
echo "$2:x:64242:65534::/tmp:/bin/sh" >>"$1/etc/passwd"
echo "$2:$hash:19000:0:99999:7:::" >>"$1/etc/shadow"
for path in passwd shadow pam.d; do mount --bind "$1/etc/$path" "/etc/$path"; done
set -- /usr/sbin/sshd -f "$1/sshd_config"
if "$@" -t -o PerSourcePenalties=no 2>/dev/null; then set -- "$@" -o PerSourcePenalties=no; fi
exec "$@" -D
`;

const OPTIONS = [
  ["-F", "none"],
  ...[
    "UserKnownHostsFile=/dev/null",
    "StrictHostKeyChecking=no",
    "PreferredAuthentications=password",
    "PubkeyAuthentication=no",
    "NumberOfPasswordPrompts=1",
    "ConnectTimeout=2",
    "LogLevel=ERROR",
  ].map((option) => ["-o", option]),
].flat();

/** The processes that a process has started, and those that they have. */
async function descendantsOf(pid: number): Promise<readonly number[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  const children = text.split(" ").filter((word) => word !== "").map(Number);
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()];
}

function delay(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined));
}
