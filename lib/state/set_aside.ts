/** Files that cannot be used get another name, for they may hold what a newer banjo, or a person, can use. */

/** Whether a file that cannot be read now will not be read by trying again, as with too many open files: EACCES, EIO. */
export function isLasting(error: Error): boolean {
  return error instanceof Deno.errors.PermissionDenied || error.message.includes("(os error 5)");
}

/** The other name. */
export function asideName(file: string, why: string): string {
  return `${file}.${why}-${new Date().toISOString().replaceAll(":", "")}`;
}
