/** fail2ban itself, from Debian's package: what it makes of a configuration folder. */

/** Where Debian's package keeps its configuration. */
export const STOCK = "/etc/fail2ban";

/** A command as fail2ban's client would send it to the server. */
export type Sent = readonly unknown[];

/** What fail2ban's client sends for each jail, by the jail's name. @throws if the client refuses the folder. */
export async function dumpJails(folder: string): Promise<Map<string, Sent[]>> {
  const { success, stdout, stderr } = await new Deno.Command("fail2ban-client", {
    args: ["-c", folder, "-d"],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const jails = new Map<string, Sent[]>();
  for (const sent of await literals(new TextDecoder().decode(stdout))) {
    const name = sent[0] === "add" || sent[0] === "set" || sent[0] === "multi-set"
      ? String(sent[1])
      : "";
    jails.set(name, [...jails.get(name) ?? [], sent]);
  }
  return jails;
}

/** Python's literals, one a line, as values. */
async function literals(text: string): Promise<Sent[]> {
  const program =
    "import ast,json,sys\nprint(json.dumps([ast.literal_eval(line) for line in sys.stdin if line.startswith('[')]))";
  const python = new Deno.Command("python3", {
    args: ["-c", program],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = python.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(text)).then(() => writer.close());
  const { stdout } = await python.output();
  await written;
  return JSON.parse(new TextDecoder().decode(stdout));
}
