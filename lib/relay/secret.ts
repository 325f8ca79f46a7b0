/**
 * Reads a secret from its file: one line.
 * @throws {Error} where it cannot be read, others may read or change it, or it is no word.
 */
export async function readSecret(path: string): Promise<string> {
  const refuse = (why: string) => new Error(`Cannot use the secret in ${path}: ${why}`);
  let text: string;
  try {
    const { isFile, mode } = await Deno.stat(path);
    if (!isFile) throw refuse("it is no regular file");
    if (((mode ?? 0) & 0o007) !== 0) {
      throw refuse(`everybody may read it: run \`chmod o= ${path}\``);
    }
    text = (await Deno.readTextFile(path)).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw refuse("there is no such file");
    if (error instanceof Deno.errors.PermissionDenied) {
      throw refuse("no right to read it: give it to the group banjo-relay, with mode 0640");
    }
    throw error;
  }
  // A line end in it would begin another header.
  if (!/^[\x21-\x7e]+$/.test(text)) throw refuse("it is not one word of ASCII");
  return text;
}
