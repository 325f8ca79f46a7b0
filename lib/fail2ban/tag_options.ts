import { ConfError, type Place } from "./place.ts";

/** A tag: no blank, `<` or `>` in it, so that of nested ones the innermost is found first. */
const TAG = /<([^ <>]+)>/g;

/** So often may one tag be replaced in one value. */
const MOST = 25;

/** So many characters may a value grow to. */
const LARGEST = 1024 * 1024;

/**
 * Replaces `<name>` in an option's text by what `find` knows of the name, again and again, the innermost first:
 * `<mdre-<mode>>` becomes `<mdre-normal>` and then that one's value. What `find` does not know stays, such as `<HOST>`.
 *
 * @throws {ConfError} if a name leads back to itself.
 */
export function replaceTags(
  option: string,
  text: string,
  place: Place,
  find: (name: string) => string | undefined,
): string {
  const counts = new Map<string, number>();
  for (;;) {
    const replaced = replaceOnce(option, text, place, find, counts);
    // What an inner tag gave may complete one that begins before it.
    if (replaced === undefined) return text;
    text = replaced;
  }
}

/** One pass from the left, in which a replacement is looked through as well; undefined where there was none. */
function replaceOnce(
  option: string,
  text: string,
  place: Place,
  find: (name: string) => string | undefined,
  counts: Map<string, number>,
): string | undefined {
  let isReplaced = false;
  TAG.lastIndex = 0;
  for (let match; (match = TAG.exec(text)) !== null;) {
    const [tag, name] = match as unknown as [string, string];
    if (name === option) throw circular(option, name, place);
    const value = find(name);
    if (value === undefined) continue;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (count > MOST) throw circular(option, name, place);
    const start = match.index;
    text = text.replaceAll(tag, () => value);
    if (text.length > LARGEST) {
      throw new ConfError(place, `\`${option}\` grows beyond 1 MiB: the tag <${name}> multiplies`);
    }
    TAG.lastIndex = start;
    isReplaced = true;
  }
  return isReplaced ? text : undefined;
}

function circular(option: string, name: string, place: Place): ConfError {
  return new ConfError(
    place,
    `\`${option}\` leads back to itself by the tag <${name}>: give that another value`,
  );
}
