/** Lays out files below a temporary folder for as long as a test needs them. */
export async function withFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  run: (folder: string) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
    }
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
