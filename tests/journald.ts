/**
 * A real journald of its own for tests, in a private mount namespace: nothing of it is seen outside, and nothing is
 * left behind. Needs root. What runs inside logs to it by every usual way (`logger`, `systemd-cat`, syslog(3)).
 */

/** What to start a command with. */
export interface RunOptions {
  /** Runs the command as a service of systemd would: `_SYSTEMD_UNIT` of what it logs is this. */
  readonly unit?: string;
  readonly stdin?: string;
}

export class PrivateJournald {
  /** The folder of its journal files, as seen from outside: for `journalctl --directory`. */
  readonly directory: string;
  readonly #holder: Deno.ChildProcess;
  /** Control groups made for units, inner ones first. */
  readonly #groups: string[] = [];
  readonly #senders = new Map<string, Sender>();
  #journald: Deno.ChildProcess | undefined;

  private constructor(holder: Deno.ChildProcess) {
    this.#holder = holder;
    this.directory = `/proc/${holder.pid}/root/run/log/journal`;
  }

  /** Makes the namespace and starts journald in it. `config`: lines for journald.conf's `[Journal]`. */
  static async start(config: readonly string[] = []): Promise<PrivateJournald> {
    const holder = new Deno.Command("unshare", {
      args: [
        "--mount",
        "--propagation=private",
        "sh",
        "-euc",
        HOLDER,
        "sh",
        [...CONFIG, ...config].join("\n"),
      ],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const ready = holder.stdout.getReader();
    const { done } = await ready.read();
    await ready.cancel();
    if (done) throw new Error("Cannot make a namespace for journald: it takes root");
    const journald = new PrivateJournald(holder);
    await journald.startDaemon();
    return journald;
  }

  /** Starts journald again after {@linkcode stopDaemon}. */
  async startDaemon(): Promise<void> {
    this.#journald = new Deno.Command("nsenter", {
      args: this.#inside(["/lib/systemd/systemd-journald"]),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await this.run(["sh", "-c", UNTIL_READY]);
  }

  /** Ends journald as `systemctl stop` does. */
  async stopDaemon(): Promise<void> {
    if (this.#journald === undefined) return;
    this.#journald.kill("SIGTERM");
    await this.#journald.status;
    this.#journald = undefined;
  }

  /** journald's process id. */
  get pid(): number {
    return this.#journald!.pid;
  }

  /** A command that runs inside: give its program and arguments to Deno.Command. */
  command(args: readonly string[], unit?: string): [program: string, args: string[]] {
    return ["nsenter", this.#inside(unit === undefined ? args : this.#asUnit(unit, args))];
  }

  /** Runs a command inside and returns its standard output; fails where it fails. */
  async run(args: readonly string[], { unit, stdin }: RunOptions = {}): Promise<string> {
    const [program, all] = this.command(args, unit);
    const child = new Deno.Command(program, {
      args: all,
      stdin: stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (stdin !== undefined) {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(stdin));
      await writer.close();
    }
    const { success, stdout, stderr } = await child.output();
    if (!success) throw new Error(`${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }

  /**
   * Logs a message as a daemon would through syslog(3), and lives on as one: journald looks the sender's `_COMM` and
   * unit up when it reads the message, and finds nothing where the sender has ended by then.
   */
  async log(identifier: string, message: string, unit?: string): Promise<void> {
    const key = `${identifier} ${unit}`;
    let sender = this.#senders.get(key);
    if (sender === undefined) {
      const [program, args] = this.command(["perl", "-e", SENDER, identifier], unit);
      sender = new Sender(program, args);
      this.#senders.set(key, sender);
    }
    await sender.send(message);
  }

  /** Waits until journald has written everything it was sent. */
  async sync(): Promise<void> {
    await this.run(["journalctl", "--sync"]);
  }

  /** Ends everything and takes everything away. */
  async close(): Promise<void> {
    for (const sender of this.#senders.values()) await sender.close();
    await this.stopDaemon();
    this.#holder.kill("SIGKILL");
    await this.#holder.status;
    for (const group of this.#groups) await removeGroup(group);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #inside(args: readonly string[]): string[] {
    return ["--target", `${this.#holder.pid}`, "--mount", "--wd=/", "--", ...args];
  }

  /** journald takes the unit from the control group's path (systemd.unit(5)): systemd need not run for that. */
  #asUnit(unit: string, args: readonly string[]): string[] {
    const slice = `${cgroupRoot()}/system.slice`;
    const group = `${slice}/${unit}`;
    for (const folder of [slice, group]) {
      try {
        Deno.mkdirSync(folder);
        this.#groups.unshift(folder);
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
    const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
    return ["sh", "-c", enter, group, ...args];
  }
}

const CONFIG = [
  "[Journal]",
  "Storage=volatile",
  "RateLimitIntervalSec=0",
  "ReadKMsg=no",
  "Audit=no",
];

/** The socket is there before anybody listens at it. */
const UNTIL_READY = `
for try in $(seq 1000); do
  if journalctl --sync 2>/dev/null; then exit 0; fi
  sleep 0.01
done
echo 'journald does not answer' >&2
exit 1
`;

/** The kernel lets go of a control group some moments after its last process has ended. */
async function removeGroup(path: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return Deno.removeSync(path);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Private folders for journald, and a /dev with a log socket; then sleeps, holding the namespace. */
const HOLDER = `
mkdir -p /run/log
mount -t tmpfs tmpfs /run/systemd
mount -t tmpfs tmpfs /run/log
if [ -d /var/log/journal ]; then mount -t tmpfs tmpfs /var/log/journal; fi
mkdir -p /run/systemd/journal /run/log/journal
dev=$(mktemp -d)
mount --bind /dev "$dev"
mount -t tmpfs tmpfs /dev
for node in null zero full random urandom tty; do : > /dev/$node; mount --bind "$dev/$node" /dev/$node; done
mkdir /dev/shm
umount "$dev"
rmdir "$dev"
ln -s /run/systemd/journal/dev-log /dev/log
printf '%s\\n' "$1" > /run/systemd/journald.conf
mount --bind /run/systemd/journald.conf /etc/systemd/journald.conf
echo ready
exec sleep infinity
`;

/** Sends each message of its standard input, ended by NUL, to /dev/log, and says when it has. */
const SENDER = `
use Socket; $| = 1; $/ = "\\0"; my $identifier = shift; $0 = $identifier;
socket(my $log, AF_UNIX, SOCK_DGRAM, 0) or die;
while (my $message = <STDIN>) {
  chomp $message;
  until (connect($log, sockaddr_un("/dev/log")) && defined send($log, "<38>$identifier\\[$$]: $message", 0)) {
    select(undef, undef, undef, 0.01);
  }
  print "sent\\n";
}`;

class Sender {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<Uint8Array>;

  constructor(program: string, args: string[]) {
    const stdio = { stdin: "piped", stdout: "piped" } as const;
    this.#process = new Deno.Command(program, { args, ...stdio }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#answers = this.#process.stdout.getReader();
  }

  async send(message: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${message}\0`));
    const { done } = await this.#answers.read();
    if (done) throw new Error("Cannot log: the sender ended");
  }

  async close(): Promise<void> {
    await this.#input.close();
    await this.#answers.cancel();
    await this.#process.status;
  }
}

/** Where the hierarchy is mounted in which systemd, and so journald, looks: the unified one, if there is any. */
function cgroupRoot(): string {
  const mounts = Deno.readTextFileSync("/proc/mounts").split("\n").map((line) => line.split(" "));
  const unified = mounts.find(([, , type]) => type === "cgroup2");
  const legacy = mounts.find(([, , type, options]) =>
    type === "cgroup" && options?.includes("name=systemd")
  );
  const root = (unified ?? legacy)?.[1];
  if (root === undefined) throw new Error("Cannot find where control groups are mounted");
  return root;
}
