/** Whether this process may change the firewall. */

/**
 * Whether the kernel lets this process near nftables. nft is asked: the capabilities in /proc/self/status are closed
 * to a program that has not all of Deno's permissions. Where nft is missing the answer is yes, for whoever needs it
 * will say so.
 */
export function mayDriveFirewall(): boolean {
  try {
    const { stderr } = new Deno.Command("/usr/sbin/nft", {
      args: ["list", "tables"],
      clearEnv: true,
      // The folder that we were started in may be closed to us.
      cwd: "/",
      env: { LC_ALL: "C" },
      stdout: "null",
      stderr: "piped",
    }).outputSync();
    return !new TextDecoder().decode(stderr).includes("Operation not permitted");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}
