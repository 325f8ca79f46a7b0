/** A real nginx on a host of a test network, with everything that is its own in one folder. */
import type { HostName, Network } from "../network.ts";

/** What nginx and its clients need to be installed. */
export const webPrograms = ["nginx", "curl"] as const;

/** nginx on port 80, IPv4 and IPv6, with one page, `/`; `await using` ends it. */
export class WebServer implements AsyncDisposable {
  readonly #network: Network;
  readonly #folder: string;
  readonly #nginx: Deno.ChildProcess;
  #rotations = 0;

  private constructor(network: Network, folder: string, nginx: Deno.ChildProcess) {
    this.#network = network;
    this.#folder = folder;
    this.#nginx = nginx;
  }

  static async start(network: Network, host: HostName = "server"): Promise<WebServer> {
    const folder = await Deno.makeTempDir({ prefix: "banjo-nginx-" });
    await Deno.writeTextFile(`${folder}/nginx.conf`, CONFIG);
    await Deno.mkdir(`${folder}/log`);
    const nginx = network.spawn(host, ["nginx", "-p", folder, "-e", "stderr", "-c", "nginx.conf"]);
    const server = new WebServer(network, folder, nginx);
    try {
      await server.#started();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Its access log. */
  get log(): string {
    return `${this.#folder}/log/access.log`;
  }

  /** Requests paths over one connection. Gives the status codes; none where nobody answers. `site` as in URLs. */
  async get(
    host: HostName,
    site: string,
    ...paths: readonly string[]
  ): Promise<readonly number[]> {
    const urls = paths.flatMap((path) => ["-o", "/dev/null", `http://${site}${path}`]);
    const curl = ["curl", "-gs", "-w", "%{http_code}\n", "--connect-timeout", "1.5", ...urls];
    const { stdout } = await this.#network.exec(host, curl);
    return stdout.split("\n").map(Number).filter((code) => code > 0);
  }

  /** Moves the log and those moved before as logrotate does, and has nginx begin a new one. */
  async rotate(): Promise<void> {
    for (let i = this.#rotations++; i > 0; i--) {
      await Deno.rename(`${this.log}.${i}`, `${this.log}.${i + 1}`);
    }
    await Deno.rename(this.log, `${this.log}.1`);
    this.#nginx.kill("SIGUSR1");
    while (!await exists(this.log)) await delay();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#nginx.status;
    try {
      this.#nginx.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await ended;
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #started(): Promise<void> {
    while (!await exists(`${this.#folder}/nginx.pid`)) {
      const ended = await Promise.race([this.#nginx.status, delay()]);
      if (ended !== undefined) throw new Error(`Cannot start nginx: exit code ${ended.code}`);
    }
  }
}

const CONFIG = `
daemon off;
worker_processes 1;
user root;
pid nginx.pid;
error_log stderr;
events { worker_connections 64; }
http {
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen 80;
    listen [::]:80;
    access_log log/access.log combined;
    location = / { return 200 "hello"; }
    location / { return 404; }
  }
}
`;

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

function delay(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, 20, undefined));
}
