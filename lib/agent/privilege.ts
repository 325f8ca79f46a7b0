/** Whether this process may change the firewall. */
import { FirewallError, runTool } from "../firewall/mod.ts";

/*
 * The question is for what hardly anybody has, a table of the family arp. To list the names of tables nft 1.0.6 reads all
 * that is in them: 0.6 s beside a hundred thousand bans, 40 s beside a million.
 */

/** How long nft has for its answer, in milliseconds; it takes a hundredth of that on a busy machine. */
const LIMIT = 5_000;

/**
 * Whether the kernel lets this process near nftables. nft is asked: the capabilities in /proc/self/status are closed
 * to a program that has not all of Deno's permissions. Where nft is missing or hangs the answer is yes, for whoever
 * needs it will say so.
 */
export async function mayDriveFirewall(): Promise<boolean> {
  try {
    const { stderr } = await runTool(["/usr/sbin/nft", "-t", "list", "ruleset", "arp"], "", LIMIT);
    return !stderr.includes("Operation not permitted");
  } catch (error) {
    if (error instanceof FirewallError) return true;
    throw error;
  }
}
