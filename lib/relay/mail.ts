/** A message as a mail. Pure. */
import type { Message } from "./message.ts";

/** In characters: RFC 2045 has lines of base64 no longer, and RFC 2047 words. */
const LONGEST_LINE = 76;
const LONGEST_WORD = 45;

/**
 * The text of a mail, for the standard input of sendmail(8). Nothing in it but the addresses, which were checked, stands in a
 * header as it is: the subject is encoded as words of RFC 2047, the text as base64.
 */
export function mailFor(
  { title, text }: Message,
  to: readonly string[],
  from: string | undefined,
  date: Date,
): string {
  return [
    ...from === undefined ? [] : [`From: banjo <${from}>`],
    `To: ${to.join(", ")}`,
    `Subject: ${wordsOf(title)}`,
    `Date: ${date.toUTCString().replace("GMT", "+0000")}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "Auto-Submitted: auto-generated",
    "",
    ...linesOf(base64(`${text}\n`)),
    "",
  ].join("\n");
}

function wordsOf(text: string): string {
  const words: string[] = [];
  let word = "";
  const encoder = new TextEncoder();
  // A character must not be parted between words.
  for (const character of text) {
    if (encoder.encode(word + character).length > LONGEST_WORD) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map((each) => `=?utf-8?B?${base64(each)}?=`).join("\n ");
}

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

function linesOf(text: string): readonly string[] {
  return text.match(new RegExp(`.{1,${LONGEST_LINE}}`, "g")) ?? [];
}
