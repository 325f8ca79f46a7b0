/** Whether this process may change the firewall. */
import { FirewallError, runTool } from "../firewall/mod.ts";

/** How long nft has for its answer, in milliseconds; it takes a hundredth of that on a busy machine. */
const LIMIT = 5_000;

/**
 * Whether the kernel lets this process near nftables. nft is asked: the capabilities in /proc/self/status are closed
 * to a program that has not all of Deno's permissions. Where nft is missing or hangs the answer is yes, for whoever
 * needs it will say so.
 */
export async function mayDriveFirewall(): Promise<boolean> {
  try {
    const { stderr } = await runTool(["/usr/sbin/nft", "list", "tables"], "", LIMIT);
    return !stderr.includes("Operation not permitted");
  } catch (error) {
    if (error instanceof FirewallError) return true;
    throw error;
  }
}
