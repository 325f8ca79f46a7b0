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
