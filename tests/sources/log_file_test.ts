import { assert, assertEquals, assertThrows } from "@std/assert";
import { openLog } from "../../lib/sources/log_file.ts";
import { isClosedToOthers } from "../../lib/sources/closed_folder.ts";
import { testAsRoot } from "../root.ts";

const nobody = 65534;

testAsRoot(
  "openLog reads alike whoever may write in the folder, and what is open for good",
  {},
  () => {
    for (const owner of [0, nobody]) {
      using folder = new OwnedFolder(owner);
      const path = `${folder.path}/a.log`;
      Deno.writeTextFileSync(path, "abcdef");
      const { dev, ino } = Deno.statSync(path);
      const file = openLog(path);
      Deno.removeSync(path);
      const { nlink, size, ...identity } = file.statSync();
      assertEquals([identity.dev, identity.ino, nlink, size], [dev, ino, 0, 6]);
      const buffer = new Uint8Array(4);
      assertEquals(file.readSync(buffer), 4);
      assertEquals(new TextDecoder().decode(buffer), "abcd");
      assertEquals(file.readSync(buffer), 2);
      assertEquals(file.readSync(buffer), null);
      assertEquals(file.seekSync(1, Deno.SeekMode.Start), 1);
      assertEquals(file.readSync(buffer), 4);
      assertEquals(new TextDecoder().decode(buffer), "bcde");
      file.close();
    }
    return Promise.resolve();
  },
);

testAsRoot("openLog waits for nobody, and opens nothing but regular files", {}, async () => {
  using folder = new OwnedFolder(nobody);
  const fifo = `${folder.path}/fifo`;
  const { success } = await new Deno.Command("mkfifo", { args: [fifo] }).output();
  assert(success);
  Deno.symlinkSync(fifo, `${folder.path}/link`);
  for (const path of [fifo, `${folder.path}/link`, folder.path, "/dev/zero"]) {
    assertThrows(() => openLog(path), Error, "it is not a regular file");
  }
  assertThrows(() => openLog(`${folder.path}/none`), Deno.errors.NotFound);
});

testAsRoot("isClosedToOthers looks at all that leads to a folder", {}, () => {
  using folder = new OwnedFolder(0);
  const inner = `${folder.path}/inner`;
  const link = `${folder.path}/link`;
  Deno.mkdirSync(inner);
  Deno.symlinkSync("inner", link);
  assertEquals([inner, link].map((path) => isClosedToOthers(path)), [true, true]);
  Deno.chmodSync(inner, 0o775);
  assertEquals([inner, link].map((path) => isClosedToOthers(path)), [false, false]);
  Deno.chmodSync(inner, 0o755);
  Deno.chmodSync(folder.path, 0o1777);
  assertEquals([folder.path, inner].map((path) => isClosedToOthers(path)), [false, true]);
  Deno.chownSync(folder.path, nobody, null);
  assertEquals(isClosedToOthers(inner), false);
  assertEquals(isClosedToOthers(`${folder.path}/none`), false);
  return Promise.resolve();
});

/** A folder of somebody's that vanishes with its scope. */
class OwnedFolder implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync());

  constructor(owner: number) {
    Deno.chownSync(this.path, owner, owner);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
