/** The configuration that install.sh puts on a server. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { loadConfig } from "../../lib/config/mod.ts";
import { runFunctions } from "./functions.ts";

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

/** What is there before install.sh, and what it adds. */
const FOUND: Readonly<
  Record<string, readonly [before: readonly string[], added: readonly string[]]>
> = {
  "nothing": [[], ["banjo.toml", "jails/sshd.toml"]],
  "an empty folder": [[""], ["banjo.toml", "jails/sshd.toml"]],
  "what an interrupted install left": [
    ["filters/", "jails/sshd.toml.new"],
    ["banjo.toml", "jails/sshd.toml"],
  ],
  "settings alone": [["banjo.toml"], ["jails/sshd.toml"]],
  "jails alone": [["jails/own.toml"], ["banjo.toml"]],
  "an import": [["banjo.toml", "jails/jail.toml"], []],
  "a configuration whose jails were removed": [["banjo.toml", "jails/"], []],
};

for (const [name, [before, added]] of Object.entries(FOUND)) {
  Deno.test(`install.sh over ${name} adds what is missing, and changes nothing else`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "banjo-config-" });
    try {
      const config = `${folder}/banjo`;
      for (const path of before) {
        await Deno.mkdir(`${config}/${path}`.replace(/[^/]*$/, ""), { recursive: true });
        if (/[^/]$/.test(path)) await Deno.writeTextFile(`${config}/${path}`, "# mine\n");
      }
      const { code, stdout, stderr } = await runFunctions("config=$1; put_configuration", config);
      assertEquals(code, 0, stderr);
      for (const path of added) {
        const text = await Deno.readTextFile(`${shipped}/${path}`);
        assertEquals(await Deno.readTextFile(`${config}/${path}`), text);
      }
      for (const path of before.filter((path) => path.endsWith(".toml"))) {
        assertEquals(await Deno.readTextFile(`${config}/${path}`), "# mine\n");
      }
      const jails = added.filter((path) => path.startsWith("jails/"));
      assertEquals(stdout.includes("with the sshd jail on"), jails.length > 0);
      const { problems } = await loadConfig(config);
      assertEquals(problems, []);
      const files = [...Deno.readDirSync(`${config}/jails`)].map(({ name }) => `jails/${name}`);
      const wanted = [...before, ...added].filter((path) => /^jails\/.*\.toml$/.test(path));
      assertEquals(files.toSorted(), wanted.toSorted());
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

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
