/**
 * Makes docs/banjo.svg of what a terminal showed, as tmux captures it: text with SGR colours on standard input.
 *
 *     tmux capture-pane -e -p | deno run packaging/documents/picture.ts >docs/banjo.svg
 */

/** How a piece of text looks. */
interface Look {
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isReversed: boolean;
  /** One of the eight colours; undefined: the terminal's own. */
  readonly colour?: number;
}

/** In pixels. */
const CELL = { width: 8.4, height: 19 };
const MARGIN = 20;
const BAR = 36;

const BACKGROUND = "#16181d";
const PLAIN = "#d5d9e0";
const DIM = "#8a919e";
const BOLD = "#ffffff";
const COLOURS = [
  "#16181d",
  "#ff7b72",
  "#7fd1a0",
  "#f2cc60",
  "#79c0ff",
  "#d2a8ff",
  "#76e3ea",
  "#d5d9e0",
];

/** The picture of a screen. `title` is for those who do not see it. */
export function pictureOf(screen: string, title: string): string {
  const lines = screen.trimEnd().split("\n").map(piecesOf);
  const columns = Math.max(...lines.map((pieces) => pieces.at(-1)?.end ?? 0));
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = BAR + lines.length * CELL.height + MARGIN;
  const texts = lines.flatMap((pieces, row) => pieces.map((piece) => textOf(piece, row)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${
      escaped(title)
    }">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    '<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>',
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="${PLAIN}">`,
    ...texts,
    "</g></svg>",
    "",
  ].join("\n");
}

/** Text of one look, and the columns that it takes. */
interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly look: Look;
}

function piecesOf(line: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let look: Look = PLAIN_LOOK;
  let column = 0;
  // deno-lint-ignore no-control-regex -- the escape character is what it is about
  for (const [, codes, text] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (text === undefined) {
      look = (codes === "" ? "0" : codes!).split(";").map(Number).reduce(changed, look);
      continue;
    }
    const start = column;
    column += [...text].length;
    if (text.trim() !== "" || look.isReversed) pieces.push({ text, start, end: column, look });
  }
  return pieces;
}

const PLAIN_LOOK: Look = { isBold: false, isDim: false, isReversed: false };

/** A look after one SGR code. */
function changed(look: Look, code: number): Look {
  if (code === 0) return PLAIN_LOOK;
  if (code === 1) return { ...look, isBold: true };
  if (code === 2) return { ...look, isDim: true };
  if (code === 7) return { ...look, isReversed: true };
  if (code === 22) return { ...look, isBold: false, isDim: false };
  if (code === 27) return { ...look, isReversed: false };
  if (code >= 30 && code <= 37) return { ...look, colour: code - 30 };
  if (code === 39) {
    const { colour: _, ...rest } = look;
    return rest;
  }
  return look;
}

function textOf({ text, start, end, look }: Piece, row: number): string {
  const x = (MARGIN + start * CELL.width).toFixed(1);
  const width = ((end - start) * CELL.width).toFixed(1);
  const top = BAR + row * CELL.height;
  const ink = inkOf(look);
  const paper = look.isReversed
    ? `<rect x="${x}" y="${top + 1}" width="${width}" height="${CELL.height}" fill="${ink}"/>`
    : "";
  const fill = look.isReversed ? BACKGROUND : ink;
  const weight = look.isBold ? ' font-weight="bold"' : "";
  // Browsers differ about `xml:space`: these spaces are never folded.
  const unfolded = escaped(text).replaceAll(" ", "\u00a0");
  return `${paper}<text x="${x}" y="${
    top + 15
  }" textLength="${width}" fill="${fill}"${weight}>${unfolded}</text>`;
}

function inkOf({ colour, isBold, isDim }: Look): string {
  if (colour !== undefined) return COLOURS[colour]!;
  return isDim ? DIM : isBold ? BOLD : PLAIN;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

if (import.meta.main) {
  const screen = await new Response(Deno.stdin.readable).text();
  await Deno.stdout.write(
    new TextEncoder().encode(pictureOf(screen, "banjo top in a terminal")),
  );
}
