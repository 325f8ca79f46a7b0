/** packaging/setup.sh where what it needs is missing. */
import { assertEquals, assertStringIncludes } from "@std/assert";

const setup = new URL("../../packaging/setup.sh", import.meta.url);

Deno.test("without npm, curl and unzip it says that these are missing, and nothing else", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-setup-" });
  try {
    for (const program of ["cat", "id", "mkdir", "rm", "uname"]) {
      await Deno.symlink(`/usr/bin/${program}`, `${folder}/${program}`);
    }
    await Deno.mkdir(`${folder}/out`);
    await Deno.chmod(folder, 0o755);
    await Deno.chmod(`${folder}/out`, 0o777);
    // A version that nobody has.
    const script = `${await Deno.readTextFile(setup)}\ndeno_version=0.0.0; get_deno "$1"`;
    const { code, stderr } = await new Deno.Command("/bin/sh", {
      args: ["-euc", script, "install.sh", `${folder}/out`],
      clearEnv: true,
      env: { PATH: folder },
      // Root would have them installed.
      ...Deno.uid() === 0 ? { uid: NOBODY } : {},
    }).output();
    const words = new TextDecoder().decode(stderr);
    assertEquals(code, 1);
    assertStringIncludes(words, "install.sh: cannot get Deno 0.0.0");
    assertStringIncludes(words, "(missing: npm curl unzip)");
    assertEquals(words.trimEnd().split("\n").length, 1, words);
    assertEquals([...Deno.readDirSync(`${folder}/out`)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const NOBODY = 65534;
