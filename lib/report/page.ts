/** The page of a report: one file that needs nothing else, and that a browser lets do nothing else. */
import pageScript from "./page.js" with { type: "text" };
import pageStyle from "./page.css" with { type: "text" };
import { html, Markup, nothing } from "./html.ts";
import {
  bansSection,
  hoursSection,
  jailsSection,
  namesSection,
  networksSection,
  offendersSection,
  overTimeSection,
  totalsSection,
} from "./sections.ts";
import type { Summary, ToldBan } from "./summary.ts";
import { clockTime, dateName, dayAndTime } from "./words.ts";

/** Whom a report is of. */
export interface Origin {
  /** The server's name. */
  readonly server: string;
  /** The version of banjo that made it. */
  readonly version: string;
}

/** What the dashboard adds to a report. */
export interface Additions {
  /** Under the page's title. */
  readonly head: Markup;
  /** Before the figures. */
  readonly alarms: Markup;
  /** Before the list of bans. */
  readonly sections: Markup;
  /** Beside each ban in force. */
  readonly control: (ban: ToldBan) => Markup;
  /** Scripts of the program's own, behind the page's. */
  readonly script: string;
}

/** A whole page, and the policy that it is to be shown under: no other origin, no other script or style. */
export interface Page {
  readonly text: string;
  readonly policy: string;
}

/** The page of a summary. */
export async function renderPage(
  summary: Summary,
  origin: Origin,
  additions?: Additions,
): Promise<Page> {
  const scripts = [pageScript, ...(additions === undefined ? [] : [additions.script])];
  const policy = [
    "default-src 'none'",
    `style-src ${await hashOf(pageStyle)}`,
    `script-src ${(await Promise.all(scripts.map(hashOf))).join(" ")}`,
    "img-src data:",
    ...(additions === undefined ? [] : ["connect-src 'self'"]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const [from, to] = [Date.parse(summary.from), Date.parse(summary.to)];
  const title = `banjo on ${origin.server}`;
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${Markup.constant(policy)}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="referrer" content="no-referrer">
        <meta name="robots" content="noindex">
        <title>${title}, ${dateName(from)} to ${dateName(to)}</title>
        <link rel="icon" href="${Markup.constant(ICON)}">
        <style>${Markup.constant(pageStyle)}</style>
      </head>
      <body>
    <a class="skip" href="#list">To the list of bans</a>
    <header>
    <h1>banjo <span>on ${origin.server}</span></h1>
    ${additions?.head ?? nothing}<p id="period">${dayAndTime(from)} &ndash; ${dayAndTime(to)}</p>
    </header>
    <main>
    ${additions?.alarms ?? nothing}${cutSection(summary)}${summary.totals.bans === 0
      ? html`${emptySection}${additions?.sections ?? nothing}`
      : sectionsOf(summary, additions)}</main>
    <footer><p>Made by banjo ${origin.version} on ${dateName(to)} at ${clockTime(
      to,
    )}. Times are this server&rsquo;s (${Intl.DateTimeFormat().resolvedOptions()
      .timeZone}). User names and log lines are what attackers sent.</p></footer>
    ${scripts.map((script) => html`<script>${Markup.constant(script)}</script>`)}
      </body>
    </html>
  `;
  return { text: page.toString(), policy };
}

function sectionsOf(summary: Summary, additions?: Additions): Markup {
  return html`${totalsSection(summary)}${overTimeSection(summary)}${networksSection(summary)}${
    namesSection(summary)
  }${hoursSection(summary)}${jailsSection(summary)}${offendersSection(summary)}${
    additions?.sections ?? nothing
  }${bansSection(summary, additions?.control)}`;
}

const emptySection = html`
  <section class="wide" id="list">
    <p>Nobody was banned in this time.</p>
  </section>
`;

function cutSection({ cutAt }: Summary): Markup {
  if (cutAt === null) return html`<section class="wide" id="cut" hidden></section>`;
  return html`
    <section class="wide" id="cut">
      <p>There were so many bans that only those since ${dayAndTime(
        Date.parse(cutAt),
      )} are told of.</p>
    </section>
  `;
}

/** A plucked string on a round body. */
const ICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E" +
  "%3Ccircle cx='6' cy='10' r='5' fill='%23d58b3d'/%3E%3Cpath d='M6 10 14 2' stroke='%2328708c' stroke-width='2'/%3E%3C/svg%3E";

/** A text's hash as a content security policy names it. */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}
