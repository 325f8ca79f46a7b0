/** A whole server for tests: a copy of this machine that boots in a container, with its own systemd and network. */
import { end, type Outcome, run } from "./network.ts";

/** A booted server. Disposing of it switches it off; nothing of it stays. */
export interface Server extends AsyncDisposable {
  /** Runs a shell script in the server, as root. `input` goes to its standard input. */
  run(script: string, input?: string): Promise<Outcome>;
  /** As {@linkcode run}, but throws with its words unless it succeeds. Gives what it printed. */
  must(script: string, input?: string): Promise<string>;
}

/** Files and folders of this machine that the server sees, by their path in there. It cannot change them. */
export type Mounts = Readonly<Record<string, string>>;

/** What booting a server asks of the machine. */
export const serverPrograms = ["systemd-nspawn", "nsenter", "unshare"] as const;

/**
 * Boots the server: this machine's own file system under an overlay that is thrown away, and no network but
 * loopback. One runs at a time, for it takes this process's control group.
 * @throws {Error} with what the server said, if it is not up within a minute.
 */
export async function bootServer(mounts: Mounts = {}): Promise<Server> {
  const root = await Deno.makeTempDir({ prefix: "banjo-server-" });
  const groups = await controlGroups();
  const machine = new Deno.Command("unshare", {
    args: ["--mount", "--", "sh", "-c", BIND_AND_EXEC, "sh", root, ...nspawn(root, mounts)],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const words = Promise.all([
    new Response(machine.stdout).text(),
    new Response(machine.stderr).text(),
  ]);
  let init: number | undefined;

  const switchOff = async () => {
    // Without its first process the server is gone, and nspawn clears up.
    if (init === undefined) await end(machine);
    else Deno.kill(init, "SIGKILL");
    await machine.status;
    await words;
    await Deno.remove(root);
    for (const group of await controlGroups()) {
      if (!groups.includes(group)) await removeGroup(group);
    }
  };

  try {
    init = await within(60_000, () => systemdOf(machine.pid));
    const enter = ["nsenter", `--target=${init}`, "--mount", "--uts", "--ipc", "--net", "--pid"];
    const inside = (script: string, input?: string) =>
      run(
        [...enter, "--", "env", "--ignore-environment", ...ENVIRONMENT, "sh", "-c", script],
        input,
      );
    // "degraded" will do: a unit of this machine may not like it in a container.
    await within(60_000, async () => {
      const { stdout } = await inside("systemctl is-system-running");
      return /^(running|degraded)/.test(stdout);
    });
    return {
      run: inside,
      async must(script, input) {
        const { code, stdout, stderr } = await inside(script, input);
        if (code === 0) return stdout;
        throw new Error(`Cannot run ${script}: exit code ${code}: ${stdout}${stderr}`);
      },
      [Symbol.asyncDispose]: switchOff,
    };
  } catch (error) {
    await switchOff();
    throw new Error(`Cannot boot a server: ${error}: it said: ${(await words).join("")}`);
  }
}

/** nspawn refuses "/" itself. */
const BIND_AND_EXEC = 'mount --bind / "$1" && shift && exec "$@"';

const ENVIRONMENT = [
  "HOME=/root",
  "LC_ALL=C.UTF-8",
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
];

/** What this machine happens to serve slows the server down, or does what banjo is to do. */
const UNWANTED = ["fail2ban", "sshguard", "nginx", "postgresql", "docker", "containerd"];

function nspawn(root: string, mounts: Mounts): string[] {
  return [
    "systemd-nspawn",
    "--quiet",
    "--volatile=overlay",
    "--private-network",
    "--register=no",
    // Where systemd runs this machine too, it gives the server a control group of its own.
    ...isDirectory("/run/systemd/system") ? [] : ["--keep-unit"],
    "--link-journal=no",
    `--uuid=${crypto.randomUUID().replaceAll("-", "")}`,
    "--capability=CAP_NET_ADMIN",
    "--console=pipe",
    ...Object.entries(mounts).map(([inside, outside]) => `--bind-ro=${outside}:${inside}`),
    `--directory=${root}`,
    "--boot",
    "systemd.unit=multi-user.target",
    ...UNWANTED.map((unit) => `systemd.mask=${unit}.service`),
  ];
}

/** The child of nspawn that is the server's systemd, once it is. Helpers come and go before. */
async function systemdOf(pid: number): Promise<number | undefined> {
  const [child] = (await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`)).split(" ");
  if (!child) return undefined;
  const name = await Deno.readTextFile(`/proc/${child}/comm`).catch(() => "ended");
  return name === "systemd\n" ? Number(child) : undefined;
}

/** Asks until the answer is neither undefined nor false. */
async function within<T>(ms: number, ask: () => Promise<T | undefined | false>): Promise<T> {
  for (const last = Date.now() + ms; Date.now() < last;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((go) => setTimeout(go, 50));
  }
  throw new Error(`not there within ${ms / 1000} s`);
}

/** The control groups that nspawn makes beside its caller, in every hierarchy. */
async function controlGroups(): Promise<string[]> {
  const folders = ["/sys/fs/cgroup"];
  for await (const { name } of Deno.readDir("/sys/fs/cgroup")) {
    folders.push(`/sys/fs/cgroup/${name}`);
  }
  return folders.flatMap((folder) => [`${folder}/payload`, `${folder}/supervisor`])
    .filter(isDirectory);
}

/** Removes a control group and those in it. Processes that are still ending hold it for a moment. */
async function removeGroup(path: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) await removeGroup(`${path}/${name}`);
  }
  await within(30_000, () => Deno.remove(path).then(() => true, () => false));
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
