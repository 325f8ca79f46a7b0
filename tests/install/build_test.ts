/** The program as it is built: its parts, and what is granted to it. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { must } from "../network.ts";
import { runFunctions } from "./functions.ts";

const checkout = new URL("../..", import.meta.url).pathname;
const granted = manifest.permissions.banjo;

Deno.test("deno compile takes the bundle, the permissions and V8's flags", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-build-" });
  try {
    const [bundle, program] = [`${folder}/program`, `${folder}/banjo`];
    await task("bundle", "--outdir", bundle);
    // Any executable shows what is embedded; the true stub comes from Deno's server.
    await task("compile", "--output", program, `${bundle}/main.js`);
    const embedded = new TextDecoder().decode(await Deno.readFile(program));
    assertStringIncludes(embedded, `"allow_run":${JSON.stringify(granted.run)}`);
    assertStringIncludes(embedded, `"allow_ffi":null`);
    assertStringIncludes(embedded, `"prompt":false`);
    for (const flag of (await read("packaging/v8-flags")).trim().split(",")) {
      assertStringIncludes(embedded, `"${flag}"`);
    }
    for await (const { name } of Deno.readDir(bundle)) {
      const part = await Deno.readTextFile(`${bundle}/${name}`);
      assertStringIncludes(embedded, part.slice(0, 1000), name);
      // One character beyond Latin-1, and V8 holds two bytes for each of them.
      assertEquals(/[\u0100-\uffff]/.exec(part), null, name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (const stub of ["/bin/true", "/bin/false", "/bin/sh"]) {
  Deno.test(`with ${stub} as Deno's stub the installer goes on with the bundle`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "banjo-build-" });
    try {
      const { code, stdout, stderr } = await runFunctions(
        `deno=$1; export DENORT_BIN=$2; bundle "$3"; compile "$3" || echo "$not_compiled"`,
        ...[Deno.execPath(), stub, folder],
      );
      assertEquals(code, 0, stderr);
      assertStringIncludes(stdout, "compiled to one program it does not run here");
      // What the bundle is installed for.
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["program"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("the agent loads no parts that only others need", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-build-" });
  try {
    await task("bundle", "--outdir", folder);
    const loaded = new Set(["main.js"]);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    loaded.add(names.find((name) => name.startsWith("run-"))!);
    for (const name of loaded) {
      const text = await Deno.readTextFile(`${folder}/${name}`);
      for (const [, part] of text.matchAll(/(?:from|import) ?"\.\/([^"]+)"/g)) loaded.add(part!);
      assertEquals(/from ?"node:(?:crypto|http)"/.exec(text), null, name);
    }
    const size = (names: Iterable<string>) =>
      [...names].reduce((sum, name) => sum + Deno.statSync(`${folder}/${name}`).size, 0);
    assertEquals(size(loaded) < 0.8 * size(names), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the launcher grants what the compiled program has, and narrower folders", async () => {
  const launcher = await read("packaging/launcher.sh");
  const [relay, others] = [
    launcher.slice(0, launcher.indexOf("\n    ;;")),
    launcher.split("esac").at(-1)!,
  ];
  const listed = (permission: string, text = launcher) =>
    new RegExp(`--allow-${permission}=(\\S+)`).exec(text)![1]!.split(",").sort();
  assertEquals(listed("run", relay), ["/usr/sbin/sendmail"]);
  assertEquals([...listed("run", others), ...listed("run", relay)].sort(), [...granted.run].sort());
  assertEquals(listed("sys"), [...granted.sys].sort());
  assertEquals(listed("env"), [...granted.env].sort());
  assertEquals(listed("write", relay), ['"$told"']);
  assertEquals(listed("write", others), [
    '"$state',
    "$runtime",
    "$written",
    '$written.new}"',
    "/run/systemd/notify${written:+",
  ]);
  assertEquals(launcher.includes("--allow-all"), false);
});

async function task(...words: readonly string[]): Promise<void> {
  await must(["env", "DENORT_BIN=/bin/true", Deno.execPath(), "task", "--cwd", checkout, ...words]);
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(`${checkout}${path}`);
}
