/**
 * Charts as SVG, drawn where the page is made: they need no script, scale with the page (positions are percentages) and
 * take their colours from its style sheet. d3 does the scales and the stacking.
 */
// @ts-types="d3-scale/types"
import { scaleLinear } from "d3-scale";
// @ts-types="d3-shape/types"
import { stack } from "d3-shape";
import { html, type Markup, nothing } from "./html.ts";

/** A column: what stands in it from the bottom up, and what it is. */
export interface Column {
  readonly values: readonly number[];
  readonly title: string;
}

/** A text under the columns, at a part of the width from 0 to 1. Minor ones go where it is narrow. */
export interface Tick {
  readonly at: number;
  readonly text: string;
  readonly isMinor: boolean;
}

/** What a chart of columns shows. */
export interface Columns {
  /** What the chart says, for those who do not see it. */
  readonly title: string;
  readonly columns: readonly Column[];
  readonly ticks: readonly Tick[];
  /** In pixels, the texts under it excluded. */
  readonly height: number;
}

/** Stacked columns over a scale of counts. The n-th value has the class `series-n`. */
export function drawColumns({ title, columns, ticks, height }: Columns): Markup {
  const highest = Math.max(1, ...columns.map(({ values }) => values.reduce(add, 0)));
  const scale = scaleLinear([0, highest], [height, TOP]).nice(4);
  const steps = scale.ticks(4).filter(Number.isInteger);
  const width = 100 / columns.length;
  const count = Math.max(0, ...columns.map(({ values }) => values.length));
  const layers = stack<Column, number>()
    .keys(Array.from({ length: count }, (_, index) => index))
    .value(({ values }, key) => values[key] ?? 0)([...columns]);
  return html`
    <div class="plot">
      <svg class="scale" height="${height + FOOT}" aria-hidden="true">${steps.map((step) =>
        html`<text x="100%" y="${round(scale(step) + 4)}">${formatCount(step)}</text>`
      )}</svg>
      <svg class="columns" height="${height + FOOT}" role="img" aria-label="${title}">
    <g class="grid">${steps.map((step) =>
      html`
        <line x1="0" x2="100%" y1="${round(scale(step))}" y2="${round(scale(step))}" />
      `
    )}</g>
    ${layers.map((layer, series) =>
      html`
        <g class="series-${series}">${layer.map(([from, to], index) =>
          to === from ? nothing : html`
            <rect x="${round((index + GAP / 2) * width)}%" y="${round(scale(to))}" width="${round(
              (1 - GAP) * width,
            )}%" height="${round(scale(from) - scale(to))}" />
          `
        )}</g>
      `
    )}<g class="hit">${columns.map(({ title }, index) =>
      html`
        <rect x="${round(index * width)}%" y="0" width="${round(width)}%" height="${height}">
          <title>${title}</title>
        </rect>
      `
    )}</g>
    <g class="ticks">${ticks.map(({ at, text, isMinor }) =>
      html`<text x="${round(100 * at)}%" y="${height + 18}" class="${isMinor ? "minor" : "major"}${
        at > EDGE ? " edge" : ""
      }">${text}</text>`
    )}</g>
      </svg>
    </div>
  `;
}

/** From here on, as a part of the width, a text in the middle of its place would stand out at the right. */
const EDGE = 0.94;

/** How much of something there is beside the most, as a bar. */
export function drawBar(part: number): Markup {
  return html`
    <svg class="bar" height="8" aria-hidden="true">
      <rect width="${round(100 * part)}%" height="8" rx="1.5" />
    </svg>
  `;
}

/** Spans of time on one line, each from and to a part of the width from 0 to 1. */
export function drawSpans(
  spans: readonly { readonly from: number; readonly to: number }[],
): Markup {
  return html`
    <svg class="spans" height="16"
      aria-hidden="true"><line x1="0" x2="100%" y1="8" y2="8"/>${spans.map(({ from, to }) =>
        html`
          <rect x="${round(100 * from)}%" y="3" width="${round(
            100 * Math.max(0, to - from),
          )}%" height="10" rx="1" />
        `
      )}</svg>
  `;
}

/** A count as people read it: `12,345`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Room above the highest column and below the lowest, in pixels. */
const TOP = 8;
const FOOT = 26;
/** How much of a column's width is left empty. */
const GAP = 0.22;

function add(one: number, other: number): number {
  return one + other;
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}
