/**
 * `deno task bench [--quick] [NAME...]`: banjo beside fail2ban, grep and journalctl on this machine. README.md tells
 * what each measures. They take what they compare in turn: ratios count, whatever else the machine does.
 */
import { access } from "./access.ts";
import { burst } from "./burst.ts";
import { flat } from "./flat.ts";
import { flood } from "./flood.ts";
import { flush } from "./flush.ts";
import { DATA, install } from "./installed.ts";
import { jails } from "./jails.ts";
import { journal } from "./journal.ts";
import { latency } from "./latency.ts";
import { memory } from "./memory.ts";
import { restore } from "./restore.ts";
import { saving } from "./saving.ts";
import { sshd } from "./sshd.ts";
import { start } from "./start.ts";

/** What a benchmark is given: banjo's program, and whether a small run is enough. */
export interface Scene {
  readonly banjo: string;
  readonly isQuick: boolean;
}

/** Measures something and prints a table. */
export type Bench = (scene: Scene) => Promise<void>;

const benches: Readonly<Record<string, Bench>> = {
  sshd,
  access,
  journal,
  jails,
  memory,
  latency,
  flush,
  start,
  burst,
  flood,
  restore,
  saving,
  flat,
};

if (import.meta.main) {
  const names = Deno.args.filter((word) => word !== "--quick");
  const unknown = names.find((name) => !Object.hasOwn(benches, name));
  if (unknown !== undefined) {
    console.error(
      `bench: no such benchmark: ${unknown}; there are ${Object.keys(benches).join(", ")}`,
    );
    Deno.exit(2);
  }
  await Deno.mkdir(DATA, { recursive: true });
  const scene: Scene = { banjo: await install(), isQuick: Deno.args.includes("--quick") };
  for (const name of names.length > 0 ? names : Object.keys(benches)) {
    console.log(`## ${name}\n`);
    await benches[name]!(scene);
  }
}
