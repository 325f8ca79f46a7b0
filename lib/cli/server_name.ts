/** This machine's name as it was configured: to ask for the kernel's takes a right that nothing else needs. */
export async function serverName(): Promise<string> {
  const name = await Deno.readTextFile("/etc/hostname").catch(() => "");
  return name.trim() || "this server";
}
