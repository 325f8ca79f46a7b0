/** Published lists, kept from the first one on. */
import type { Host } from "../address.ts";
import type { BlocklistReport, ListedReport } from "../control/mod.ts";
import type { Blocklists, BlocklistsOptions } from "./blocklists.ts";

/** Which lists there are, in the folder of the state. */
export const REGISTRY_FILE = "blocklists.json";

/** What keeping lists needs of the agent. */
export interface WantedBlocklistsOptions extends Omit<BlocklistsOptions, "isDryRun"> {
  /** Whether the kernel is to be left alone. */
  isDryRun(): boolean;
  /** Whom no list keeps out. */
  spared(): readonly Host[];
}

/** Keeps lists, or none. What keeps them is loaded when it is wanted: most agents need not hold it. */
export class WantedBlocklists {
  readonly #options: WantedBlocklistsOptions;
  #lists: Blocklists | undefined;
  #opening: Promise<Blocklists> | undefined;
  /** Whether some are remembered that could not be read yet. */
  #areMissing = false;

  constructor(options: WantedBlocklistsOptions) {
    this.#options = options;
  }

  /** Keeps those that are remembered, if there are any. */
  async begin(): Promise<void> {
    this.#areMissing = await Deno.lstat(`${this.#options.stateDir}/${REGISTRY_FILE}`)
      .then(() => true, (error) => !(error instanceof Deno.errors.NotFound));
    if (this.#areMissing) await this.#openMissing();
    void this.check();
  }

  /** Every list as it is now, with what it has stopped. */
  async reports(): Promise<readonly BlocklistReport[]> {
    return await this.#lists?.reports() ?? [];
  }

  /** The lists that keep a host out. */
  async keepingOut(host: Host): Promise<readonly ListedReport[]> {
    return await this.#lists?.keepingOut(host, this.#options.spared()) ?? [];
  }

  /** Keeps one more. @throws {RpcError} where it cannot be. */
  async add(name: string, source: string): Promise<void> {
    await (await this.#open()).add(name, source, this.#options.spared());
  }

  /** Keeps one less. @throws {RpcError} where there is none of that name. */
  async remove(name: string): Promise<void> {
    await (await this.#open()).remove(name, this.#options.spared());
  }

  /** Asks for one to be read anew, or for all. @throws {RpcError} where there is none of that name. */
  async refresh(name: string | undefined): Promise<void> {
    await (await this.#open()).refresh(name, this.#options.spared());
  }

  /** Brings the kernel to what the lists are now. */
  async check(): Promise<void> {
    if (this.#areMissing) await this.#openMissing();
    await this.#lists?.check(this.#options.spared());
  }

  /** Takes everything out of the kernel. */
  async clear(): Promise<void> {
    await this.#lists?.clear();
  }

  /** Until they can be read, the kernel keeps what it has of them. */
  async #openMissing(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      const problem = `Blocklists cannot be read: ${(error as Error).message}`;
      this.#options.onProblem("blocklists", problem);
    }
  }

  /** Whoever comes meanwhile waits for the same: what is damaged is made anew once. */
  #open(): Promise<Blocklists> {
    return this.#opening ??= this.#openAnew().catch((error) => {
      this.#opening = undefined;
      throw error;
    });
  }

  async #openAnew(): Promise<Blocklists> {
    const { Blocklists } = await import("./blocklists.ts");
    const lists = await Blocklists.open({
      ...this.#options,
      isDryRun: this.#options.isDryRun(),
    });
    if (this.#areMissing) this.#options.onProblem("blocklists", null);
    this.#areMissing = false;
    return this.#lists = lists;
  }
}
