/** How services write what clients sent into their logs: observed on the versions that Debian 12 has. */

/** OpenSSH: vis(3) with VIS_CSTYLE, VIS_OCTAL, VIS_TAB and VIS_NL, behind a cut to 100 bytes. */
export function asSshdWrites(name: string): string {
  const c = name.indexOf("\0");
  const bytes = new TextEncoder().encode(c < 0 ? name : name.slice(0, c)).slice(0, 100);
  return Array.from(bytes, visByte).join("");
}

function visByte(byte: number): string {
  const short: Readonly<Record<number, string>> = {
    7: "a",
    8: "b",
    9: "t",
    10: "n",
    11: "v",
    12: "f",
    13: "r",
    92: "\\",
  };
  if (short[byte] !== undefined) return `\\${short[byte]}`;
  const isPlain = byte >= 0x20 && byte < 0x7f;
  return isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
}

/** nginx' access log, unless `log_format` says otherwise: quotes, backslashes and all that is not printable ASCII. */
export function asNginxAccessLogWrites(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    return isPlain
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

/** A header's or request line's value as it can arrive at all: nothing behind a line end or a NUL. */
export function asHeaderCarries(text: string): string {
  return text.replace(/[\r\n\0][^]*$/, "").trim();
}

/** A user name of HTTP's Basic authentication: all before the first colon, raw. */
export function asBasicAuthCarries(text: string): string {
  return text.replace(/:[^]*$/, "");
}

/** A path as a browser sends it. */
export function asPathCarries(text: string): string {
  return encodeURI(text.toWellFormed());
}

/** A query, of which nothing but blanks, control characters and non-ASCII is refused. */
export function asQueryCarries(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, "_");
}

/** Apache's access log: quotes and backslashes behind a backslash, and what is not printable ASCII as `\\xHH` or `\\n`. */
export function asApacheAccessLogWrites(text: string): string {
  const short: Readonly<Record<number, string>> = {
    8: "\\b",
    9: "\\t",
    10: "\\n",
    11: "\\v",
    13: "\\r",
    34: '\\"',
    92: "\\\\",
  };
  return Array.from(new TextEncoder().encode(text), (byte) => {
    if (short[byte] !== undefined) return short[byte];
    const isPlain = byte >= 0x20 && byte < 0x7f;
    return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

/** A string of JSON, within the quotes. */
export function asJsonWrites(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** A string within the quotes that .NET's Serilog puts around it: line ends stay what they are. */
export function asSerilogWrites(text: string): string {
  return text.replaceAll('"', '\\"');
}

/** Postfix: what is not printable ASCII. */
export function asPostfixWrites(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

/** Dovecot: control characters, behind a cut to 80 characters. */
export function asDovecotWrites(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  // deno-lint-ignore no-control-regex
  return short.replace(/[\0-\x1f\x7f]/g, "?");
}

/** Exim: backslashes and what is not printable ASCII, as in C. */
export function asEximWrites(text: string): string {
  const short: Readonly<Record<number, string>> = { 9: "t", 10: "n", 13: "r", 92: "\\" };
  return Array.from(new TextEncoder().encode(text), (byte) => {
    if (short[byte] !== undefined) return `\\${short[byte]}`;
    const isPlain = byte >= 0x20 && byte < 0x7f;
    return isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
  }).join("");
}

/** A HELO name as Exim takes it unless told otherwise. */
export function asEximTakesHelo(text: string): string {
  return text.replace(/[^\w.:-]/g, "") || "x";
}

/** vsftpd's own log: what is not printable. */
export function asVsftpdWrites(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

/** Pure-FTPd: control characters, behind a cut to 127 bytes. */
export function asPureFtpdWrites(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.slice(0, 127).replace(/[\0-\x1f\x7f]/g, "_");
}

/** Apache's error log: backslashes and control characters; a quote stays. */
export function asApacheErrorLogWrites(text: string): string {
  const short: Readonly<Record<string, string>> = {
    "\b": "b",
    "\n": "n",
    "\r": "r",
    "\t": "t",
    "\v": "v",
    "\\": "\\",
  };
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    if (short[character] !== undefined) return `\\${short[character]}`;
    const isPlain = byte >= 0x20 && byte < 0x7f;
    return isPlain ? character : `\\x${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

/** HAProxy: quotes, what is not printable ASCII, and what delimits captured headers. */
export function asHaproxyWrites(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    const isPlain = byte >= 0x20 && byte < 0x7f && !'"#{}|'.includes(character);
    return isPlain ? character : `#${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

/** Squid: a URL or user name without blanks and control characters. */
export function asSquidWrites(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const isPlain = byte > 0x20 && byte < 0x7f && byte !== 0x25;
    return isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

/** PostgreSQL behind its prefix: raw, but every further line begins with a tab. A NUL ends a name. */
export function asPostgresqlWrites(text: string): string {
  return text.replaceAll("\0", "").replaceAll("\n", "\n\t");
}

/** BIND: a domain name's blanks, control characters and parentheses. */
export function asNamedWrites(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    if ('"().;\\@$'.includes(character)) return `\\${character}`;
    const isPlain = byte > 0x20 && byte < 0x7f;
    return isPlain ? character : `\\${String(byte).padStart(3, "0")}`;
  }).join("");
}

/** OpenVPN: control characters. */
export function asOpenvpnWrites(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\0-\x1f\x7f]/g, "_");
}
