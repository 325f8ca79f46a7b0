import { DryRun } from "./dry_run.ts";
import type { Firewall, FirewallName } from "./firewall.ts";
import { Nftables } from "./nftables.ts";
import { Ufw } from "./ufw.ts";

export * from "./firewall.ts";
export { ListTable } from "./list_table.ts";
export { parsePort, portRanges } from "./ports.ts";
export { FirewallQueue, type QueueOptions } from "./queue.ts";
export { runTool } from "./tool.ts";

/** How a firewall is reached. */
export interface FirewallOptions {
  /** The tool and its leading arguments, say `["/usr/sbin/ip", "netns", "exec", "web", "nft"]`; by default it is looked for. */
  readonly command?: readonly string[];
  /** Where `dry-run` says what it would do; by default nowhere. */
  readonly write?: (line: string) => void;
}

/** The firewall of that name. Nothing is run and nothing can fail before its first call. */
export function openFirewall(name: FirewallName, options: FirewallOptions = {}): Firewall {
  switch (name) {
    case "nftables":
      return new Nftables(options.command);
    case "ufw":
      return new Ufw(options.command);
    case "dry-run":
      return new DryRun(options.write ?? (() => {}));
  }
}
