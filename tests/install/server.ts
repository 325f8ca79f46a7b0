/** A booted server on which install.sh can be run. */
import { must } from "../network.ts";
import { bootServer, type Server } from "../server.ts";

const checkout = new URL("../..", import.meta.url).pathname;

/** What the build needs from npm, fetched while there is a network; `path` is Deno's folder for it. */
export async function filledCache(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "banjo-cache-" });
  const bundle = `cd "$1" && DENO_DIR="$2/deno" "$3" task --quiet bundle --outdir "$2/program"`;
  await must(["sh", "-c", bundle, "sh", checkout, path, Deno.execPath()]);
  return {
    path: `${path}/deno`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** A server with the checkout in /root/banjo and nothing of banjo installed, also where this machine has it. */
export async function newServer(cache: string): Promise<Server> {
  const server = await bootServer({
    "/opt/banjo": checkout,
    "/opt/cache": cache,
    "/opt/deno": Deno.execPath(),
  });
  try {
    await server.must(
      `ln -sf /opt/deno /usr/local/bin/deno && cp -r /opt/cache /root/cache && mkdir /root/banjo &&
      cd /opt/banjo && tar -c --exclude=./.git --exclude=./dist --exclude=./bench/data . | tar -x -C /root/banjo &&
      chmod 755 /root && /root/banjo/install.sh --purge`,
    );
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** Runs install.sh on such a server, under the umask of a hardened one. Gives what it printed. */
export function install(server: Server, option = "", environment = ""): Promise<string> {
  return server.must(
    `umask 077; DENO_DIR=/root/cache ${environment} /root/banjo/install.sh ${option}`,
  );
}

/** The server's own address; hosts beside it reach it there. */
export const SERVER = "192.0.2.1";

/** Puts hosts beside the server, each in a network namespace of its name. */
export async function addHosts(
  server: Server,
  hosts: Readonly<Record<string, string>>,
): Promise<void> {
  await server.must(`ip address add ${SERVER} dev lo`);
  for (const [name, address] of Object.entries(hosts)) {
    await server.must(
      `ip netns add ${name} && ip link add ${name} type veth peer name eth0 netns ${name} &&
      ip link set ${name} up && ip route add ${address} dev ${name} && ip netns exec ${name} sh -ec '
        ip address add ${address} dev eth0; ip link set eth0 up; ip route add ${SERVER} dev eth0'`,
    );
  }
}

/** Waits until a command succeeds on the server. */
export async function eventually(server: Server, command: string): Promise<void> {
  await server.must(`timeout 60 sh -c "until ${command} >/dev/null 2>&1; do sleep 0.1; done"`);
}
