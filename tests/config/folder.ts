import {
  formatProblem,
  loadConfig,
  type LoadedConfig,
  type Shipped,
} from "../../lib/config/mod.ts";

/** A filter and a jail as a program could ship them. */
export const SHIPPED: Shipped = {
  filters: {
    web: "failregex = '^<ADDR> bad'\n",
    login: "failregex = '^no <ADDR>'\njournalmatch = '_SYSTEMD_UNIT=login.service'\n",
  },
  jails: {
    web: "[web]\nfiles = '/var/log/web.log'\nports = ['http', 'https']\nmaxretry = 7\n",
    login: "[login]\nports = 'ssh'\n",
  },
};

/** Texts by the path of their file in the configuration's folder. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Writes a configuration, loads it on top of {@linkcode SHIPPED}, and removes it. */
export async function load(files: Files, shipped: Shipped = SHIPPED): Promise<LoadedConfig> {
  return await withFolder(files, (dir) => loadConfig(dir, { shipped }));
}

/** The problems of a configuration as they are printed, without the folder. */
export async function problemsOf(files: Files): Promise<string[]> {
  return await withFolder(files, async (dir) => {
    const { problems } = await loadConfig(dir, { shipped: SHIPPED });
    return problems.map((problem) => formatProblem(problem).replaceAll(`${dir}/`, ""));
  });
}

/** Runs `use` with a folder of these files, and removes it. */
export async function withFolder<T>(files: Files, use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await Deno.makeTempDir({ prefix: "banjo-config-" });
  try {
    for (const [path, content] of Object.entries(files)) {
      const file = `${dir}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(file, content);
      else await Deno.writeFile(file, content);
    }
    return await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
