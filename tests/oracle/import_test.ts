import { assertEquals } from "@std/assert";
import { loadConfig } from "../../lib/config/mod.ts";
import { convertFilter } from "../../lib/fail2ban/filter_toml.ts";
import { JailConf } from "../../lib/fail2ban/jail_conf.ts";
import { type Import, importConf } from "../../lib/fail2ban/mod.ts";
import { Options } from "../../lib/filter/options.ts";
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

Deno.test("in every mode an imported filter has the very patterns that were translated", async () => {
  const jails = ["sshd", "postfix", "dovecot", "exim", "freeswitch", "apache-auth", "traefik-auth"];
  for (const mode of ["normal", "aggressive"]) {
    const local = "[DEFAULT]\nenabled = true\n" +
      jails.map((name) => `[${name}]\nmode = ${mode}\n`).join("");
    const { imported, loaded, conf } = await importStock(local);
    for (const { name, filter } of imported.jails) {
      const definition = loaded.get(name)!.filter;
      if (filter === undefined) continue;
      const options = new Options(definition.options);
      const { entries } = convertFilter(conf.resolve(name).filter!.resolved, false);
      for (const key of ["failregex", "ignoreregex"] as const) {
        const wanted = entries.find((entry) => entry.key === key)?.value ?? [];
        assertEquals(definition[key].flatMap((one) => options.patterns(one)), wanted, name);
      }
      const prefregex = entries.find(({ key }) => key === "prefregex")?.value;
      assertEquals(definition.prefregex && options.text(definition.prefregex), prefregex, name);
    }
  }
});

/** Lays a jail.local over the stock configuration and imports it, on a machine that has all logs. */
async function importStock(local: string) {
  const folder = await Deno.makeTempDir();
  try {
    const base = `${folder}/conf`;
    await new Deno.Command("cp", { args: ["-r", STOCK, base] }).output();
    await Deno.remove(`${base}/jail.d`, { recursive: true });
    await Deno.writeTextFile(`${base}/jail.local`, local);
    const imported = importConf(base, { hasFile: () => true });
    for (const [name, text] of imported.files) {
      await Deno.mkdir(`${folder}/out/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/out/${name}`, text);
    }
    const { problems, jails: loaded } = await loadConfig(`${folder}/out`);
    for (const { name } of imported.jails) assertEquals(loaded.has(name), true, name);
    const conf = JailConf.read(base);
    // The filters' files are read when they are asked for, and then the folder is gone.
    for (const { name } of imported.jails) conf.resolve(name);
    return { imported, problems, loaded, conf };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The notes that none of the known ones is. */
function unexplained({ notes, jails, filters }: Import, known: readonly RegExp[]): string[] {
  return [{ name: "[DEFAULT]", notes }, ...jails, ...filters]
    .flatMap(({ name, notes }) => notes.map(({ message }) => `${name}: ${message}`))
    .filter((note) => !known.some((pattern) => pattern.test(note)));
}
