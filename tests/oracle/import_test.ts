import { assertEquals } from "@std/assert";
import { loadConfig } from "../../lib/config/mod.ts";
import { type Import, importConf } from "../../lib/fail2ban/mod.ts";
import { withFolder } from "../fail2ban/conf_folder.ts";
import { STOCK } from "./fail2ban.ts";

/**
 * What of the stock configuration cannot be as it was: banjo runs no commands to decide whom to ban, and what a group
 * in a repetition took on an earlier turn is forgotten on the next in ECMAScript.
 */
const NOTED = [
  /^apache-fakegooglebot: the ignorecommand did not come over/,
  /^(?:courier-auth|grafana): "<F-(?:ALT_)?\w+>" in a pattern came over differently: it stands in a repetition/,
];

Deno.test("every stock jail comes over from its files, with no note but the known ones", async () => {
  const { imported, problems } = await importStock("[DEFAULT]\nenabled = true\n");
  assertEquals(imported.refused, []);
  assertEquals(imported.jails.length >= 80, true, `${imported.jails.length} jails`);
  assertEquals(unexplained(imported, NOTED), []);
  assertEquals(problems.map(({ message }) => message), []);
});

Deno.test("every stock jail comes over for the journal, with notes only on what to trust", async () => {
  const { imported, problems } = await importStock(
    "[DEFAULT]\nenabled = true\nbackend = systemd\nsshd_backend = systemd\n",
  );
  assertEquals(imported.refused, []);
  // A filter without journalmatch has everything matched there, and so here.
  assertEquals(unexplained(imported, [...NOTED, /^\S+: the filter has no journalmatch/]), []);
  assertEquals(problems.filter(({ severity }) => severity === "error"), []);
  // A warning is about a journalmatch that was as weak before.
  for (const { message } of problems) assertEquals(message.includes("any local user can"), true);
});

Deno.test("stock jails that are off stay behind", async () => {
  const { imported } = await importStock("[sshd]\nenabled = true\n[exim]\nmaxretry = 3\n");
  assertEquals(imported.jails.map(({ name, enabled }) => [name, enabled]), [
    ["sshd", true],
    ["exim", false],
  ]);
});

Deno.test("recidive counts banjo's own bans, but reads another machine's log", async () => {
  const { imported } = await importStock(
    "[recidive]\nenabled = true\n[elsewhere]\nenabled = true\nfilter = recidive\nlogpath = /srv/logs/bans.log\n",
  );
  const text = imported.files.get("jails/jail.toml")!;
  const [own, other] = text.split("[elsewhere]") as [string, string];
  assertEquals([own.includes('banned_by = ["*"]'), own.includes("files")], [true, false]);
  assertEquals([other.includes("banned_by"), other.includes("/srv/logs/bans.log")], [false, true]);
  assertEquals(imported.filters.map(({ name }) => name), ["recidive"]);
});

/** Lays a jail.local over the stock configuration and imports it, on a machine that has all logs. */
async function importStock(local: string) {
  let result: { imported: Import; problems: Awaited<ReturnType<typeof loadConfig>>["problems"] };
  await withFolder({ "conf/jail.local": local }, async (folder) => {
    await new Deno.Command("cp", { args: ["-r", `${STOCK}/.`, `${folder}/conf`] }).output();
    await Deno.remove(`${folder}/conf/jail.d`, { recursive: true });
    await Deno.writeTextFile(`${folder}/conf/jail.local`, local);
    const imported = importConf(`${folder}/conf`, { hasFile: () => true });
    for (const [name, text] of imported.files) {
      await Deno.mkdir(`${folder}/out/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/out/${name}`, text);
    }
    const { problems, jails } = await loadConfig(`${folder}/out`);
    for (const { name } of imported.jails) assertEquals(jails.has(name), true, name);
    result = { imported, problems };
  });
  return result!;
}

/** The notes that none of the known ones is. */
function unexplained({ notes, jails, filters }: Import, known: readonly RegExp[]): string[] {
  return [{ name: "[DEFAULT]", notes }, ...jails, ...filters]
    .flatMap(({ name, notes }) => notes.map(({ message }) => `${name}: ${message}`))
    .filter((note) => !known.some((pattern) => pattern.test(note)));
}
