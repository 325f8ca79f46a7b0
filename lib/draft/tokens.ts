import { type Host, parseAddress } from "../address.ts";
import { isTelling } from "./outcome.ts";

/** A piece of a line. All pieces together are the line. */
export interface Token {
  readonly kind: "space" | "address" | "number" | "status" | "quoted" | "word" | "mark";
  readonly text: string;
  /** The quotation mark that it begins with, or stands between. */
  readonly quote?: string;
  /** The address, canonical. */
  readonly host?: Host;
}

/** Behind these stands somebody's name. */
export const NAMES =
  /^"?(?:user|username|user_?name|account|uid|acct|ruser|email|mail|name|for|login)"?$/i;

/** A quoted text is taken apart only where it is as short as a message is. */
const LONGEST_MESSAGE = 200;

/** Takes a line apart. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const isJson = /^\s*\{\s*"/.test(text);
  for (let at = 0; at < text.length;) {
    const quoted = quotedAt(text, at);
    if (quoted === undefined) {
      const token = nameAt(text, at, tokens) ?? tokenAt(text, at);
      tokens.push(token.kind === "number" && isStatus(token, tokens) ? asStatus(token) : token);
      at += token.text.length;
      continue;
    }
    tokens.push(...(isJson ? jsonString(quoted, text, at, tokens) : plainString(quoted, tokens)));
    at += quoted.length;
  }
  return tokens;
}

/** Whole strings with their marks; what is left open is none. */
function quotedAt(text: string, at: number): string | undefined {
  const mark = text[at];
  if (mark === '"') return matchAt(/"(?:[^"\\]|\\.)*"/y, text, at);
  const isOpening = mark === "'" && (at === 0 || /[\s=:([{,]/.test(text[at - 1]!));
  return isOpening ? matchAt(/'[^']*'(?![\w'])/y, text, at) : undefined;
}

/** A string of JSON: names stay, messages are read, values are one piece. */
function jsonString(quoted: string, text: string, at: number, before: readonly Token[]) {
  const isName = /^\s*:/.test(text.slice(at + quoted.length, at + quoted.length + 3));
  if (isName) return [{ kind: "mark", text: quoted } as const];
  const name = before.findLast(({ kind, text }) => kind === "mark" && text.length > 1)?.text ?? "";
  const inner = quoted.slice(1, -1);
  if (name === '"status"' && /^\d{3}$/.test(inner)) return split(quoted, "status");
  return MESSAGES.test(name) || parseAddress(inner) !== undefined ? split(quoted) : [whole(quoted)];
}

const MESSAGES =
  /^"(?:msg|message|event|event_?type|error|err|reason|detail|result|status|level|severity|outcome|action|type|log)"$/i;

/** A quoted text elsewhere: a message is read; a request, what a client sent with it, a user's name are one piece. */
function plainString(quoted: string, before: readonly Token[]): readonly Token[] {
  const inner = quoted.slice(1, -1);
  const isClients = inner.includes("\\") || isRequest(quoted) ||
    before.some(({ kind, text }) => kind === "quoted" && isRequest(text));
  const isMessage = !isClients && inner.length <= LONGEST_MESSAGE && / /.test(inner) &&
    isTelling(inner);
  return isMessage || parseAddress(inner) !== undefined ? split(quoted) : [whole(quoted)];
}

function whole(quoted: string): Token {
  return { kind: "quoted", text: quoted, quote: quoted[0]! };
}

function split(quoted: string, kind?: "status"): readonly Token[] {
  const quote = quoted[0]!;
  const inner = quoted.slice(1, -1);
  const tokens: Token[] = [{ kind: "mark", text: quote }];
  for (let at = 0; at < inner.length;) {
    const token = tokenAt(inner, at);
    tokens.push({ ...token, ...(kind === undefined ? {} : { kind }), quote });
    at += token.text.length;
  }
  return [...tokens, { kind: "mark", text: quote }];
}

function tokenAt(text: string, at: number): Token {
  const space = matchAt(/\s+/y, text, at);
  if (space !== undefined) return { kind: "space", text: space };
  const address = addressAt(text, at);
  if (address !== undefined) return address;
  // An apostrophe within a word is part of it.
  const word = matchAt(/[^\s"'()[\]{}<>=,;:|][^\s"()[\]{}<>=,;:|]*/y, text, at);
  if (word === undefined) return { kind: "mark", text: text[at]! };
  const number = matchAt(/\d+(?:\.\d+)?(?![^\s"()[\]{}<>=,;:|])/y, text, at);
  return number === undefined ? { kind: "word", text: word } : { kind: "number", text: number };
}

/** A name behind a blank, marks and all: who chooses it is free in that. */
function nameAt(text: string, at: number, before: readonly Token[]): Token | undefined {
  const [name, space] = before.slice(-2);
  if (space?.kind !== "space" || name?.kind !== "word" || !NAMES.test(name.text)) return undefined;
  const written = matchAt(/[^\s"'()[\]{}<>=,;:|]\S*[^\s"'()[\]{}<>=,;:|]/y, text, at);
  if (written === undefined || isTelling(written) || /[\d.]+/.exec(written)?.[0] === written) {
    return undefined;
  }
  return parseAddress(written) === undefined ? { kind: "word", text: written } : undefined;
}

function addressAt(text: string, at: number): Token | undefined {
  if (at > 0 && /[\w.:-]/.test(text[at - 1]!) && !/[=:]$/.test(text.slice(0, at))) return undefined;
  const written = matchAt(/\d{1,3}(?:\.\d{1,3}){3}(?!\.?[\w-])/y, text, at) ??
    matchAt(/\[[\da-fA-F:.]*:[\da-fA-F:.]*\](?=:\d)/y, text, at) ??
    matchAt(/[\da-fA-F:]*:[\da-fA-F:.]*[\da-fA-F:](?:%[\w-]+)?(?![\w-])/y, text, at);
  const host = written === undefined ? undefined : parseAddress(written);
  return host === undefined ? undefined : { kind: "address", text: written!, host };
}

/** Whether a number is the status of an HTTP answer: it stands behind the quoted request, or is called so. */
function isStatus({ text }: Token, before: readonly Token[]): boolean {
  if (!/^[1-5]\d\d$/.test(text)) return false;
  const [name, previous] = before.filter(({ kind, text }) => kind !== "space" && text !== ":")
    .slice(-2);
  const last = previous ?? name;
  if (last === undefined) return false;
  if (last.kind === "quoted") return isRequest(last.text);
  if (last.text === "=") return /^(?:status|status_?code)$/i.test(name!.text);
  return /^"?(?:status|status_?code|downstreamstatus)"?$/i.test(last.text);
}

/** Whether a quoted text is a request line (RFC 9112, 3). */
function isRequest(quoted: string): boolean {
  return /^"[A-Z]{3,} \S/.test(quoted);
}

function asStatus(token: Token): Token {
  return { ...token, kind: "status" };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
