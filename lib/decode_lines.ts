const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of whole lines of a log. Bytes that are no UTF-8 appear as U+FFFD. */
export function decodeLines(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  // A program that does not append goes on at its old offset when its file has been cut: the gap reads as NULs.
  return text.includes("\0") ? text.replace(/(^|\n)\0+/g, "$1") : text;
}
