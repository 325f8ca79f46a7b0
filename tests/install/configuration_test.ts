/** The configuration that install.sh puts on a server. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { loadConfig } from "../../lib/config/mod.ts";

const shipped = new URL("../../packaging/config", import.meta.url).pathname;

Deno.test("the installed configuration enables sshd, and has no problem", async () => {
  const { jails, problems } = await loadConfig(shipped);
  assertEquals(problems, []);
  const enabled = [...jails.values()].filter(({ enabled }) => enabled).map(({ name }) => name);
  assertEquals(enabled, ["sshd"]);
});

Deno.test("what banjo.toml shows as a default is the default", async () => {
  const text = await Deno.readTextFile(`${shipped}/banjo.toml`);
  const written = text.replaceAll(/^# (?=\w+ += )/gm, "");
  assertNotEquals(written, text);
  const [silent, outspoken] = [await configured(text), await configured(written)];
  assertEquals(outspoken.problems, []);
  assertEquals(outspoken.jails.get("own"), silent.jails.get("own"));
  assertEquals(outspoken.agent, silent.agent);
});

/** The configuration with a banjo.toml and a jail that sets nothing but what it must. */
async function configured(main: string): ReturnType<typeof loadConfig> {
  const folder = await Deno.makeTempDir({ prefix: "banjo-config-" });
  try {
    await Deno.mkdir(`${folder}/jails`);
    await Deno.writeTextFile(`${folder}/banjo.toml`, main);
    const own = "[own]\nenabled = true\nfiles = ['/var/log/own.log']\nfailregex = '^no <ADDR>$'\n";
    await Deno.writeTextFile(`${folder}/jails/own.toml`, own);
    return await loadConfig(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
