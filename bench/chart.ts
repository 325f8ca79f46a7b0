/** A picture of how something grows: an SVG of curves over sizes that multiply, for bench/README.md. */

/** A named curve through points of x and y. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Draws curves of numbers above 0, both axes by powers of ten: what does not grow is level. */
export function drawCurves(title: string, curves: readonly Curve[]): string {
  const points = curves.flatMap((curve) => curve.points);
  const x = scale(points.map(([x]) => x), LEFT, LEFT + WIDTH);
  const y = scale(points.map(([, y]) => y), TOP + HEIGHT, TOP);
  const parts = [
    ...x.powers.map((power) => label(x.at(power), TOP + HEIGHT + 20, "middle", nameOf(power))),
    ...y.powers.map((power) =>
      line(LEFT, y.at(power), LEFT + WIDTH, y.at(power)) +
      label(LEFT - 8, y.at(power) + 4, "end", nameOf(power))
    ),
    ...curves.map(({ name, points }, index) => {
      const color = COLORS[index % COLORS.length]!;
      const path = points.map(([px, py]) => `${x.at(px).toFixed(1)},${y.at(py).toFixed(1)}`).join(
        " ",
      );
      const place = TOP + 16 * index;
      return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>` +
        `<text x="${LEFT + WIDTH + 12}" y="${place + 4}" fill="${color}">${name}</text>`;
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 170} ${
    TOP + HEIGHT + 40
  }" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${LEFT}" y="20" font-size="14">${title}</text>
${parts.join("\n")}
</svg>
`;
}

const LEFT = 60;
const TOP = 44;
const WIDTH = 480;
const HEIGHT = 240;
const COLORS = ["#0b6e4f", "#b5179e", "#3a5a98", "#c77700", "#8a1c1c", "#444444"];

/** Places numbers between two ends by their logarithm; whole powers of ten all around them. */
function scale(numbers: readonly number[], start: number, end: number) {
  const low = Math.floor(Math.log10(Math.min(...numbers)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...numbers))));
  return {
    powers: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
    at: (number: number) => start + (end - start) * (Math.log10(number) - low) / (high - low),
  };
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
}

function label(x: number, y: number, anchor: string, text: string): string {
  return `<text x="${x.toFixed(1)}" y="${
    y.toFixed(1)
  }" text-anchor="${anchor}" fill="#444">${text}</text>`;
}

function nameOf(number: number): string {
  return number.toLocaleString("en-US", { maximumFractionDigits: 6 });
}
