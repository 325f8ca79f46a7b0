/** Why the system refused something, in its own words: without its number and Deno's name of the call. */
export function reasonOf(error: Error): string {
  return error.message.replace(/ \(os error \d+\).*$/s, "");
}
