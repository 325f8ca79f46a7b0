/** What the dashboard's page has besides a report: how the agent is, and the way to lift a ban. */
import liveScript from "./live.js" with { type: "text" };
import { type AgentReport, sourcesInWords } from "../control/mod.ts";
import {
  formatCount,
  html,
  type Markup,
  nothing,
  type Origin,
  type Page,
  renderPage,
} from "../report/mod.ts";
import type { View } from "./feed.ts";

/** The page of a view. `mayUnban`: there is a token by which bans can be lifted. */
export function renderDashboard(
  { summary, status }: View,
  server: Origin["server"],
  mayUnban: boolean,
): Promise<Page> {
  return renderPage(summary, { server, version: status.version }, {
    head: headOf(status),
    alarms: alarmsSection(status),
    sections: html`${jailsNowSection(status)}${mayUnban ? unbanSection : nothing}`,
    control: ({ host }) =>
      mayUnban
        ? html`
          <button type="button" class="unban control" value="${host}">Unban</button><span
            class="told control"></span>
        `
        : nothing,
    script: liveScript,
  });
}

function headOf({ health }: AgentReport): Markup {
  const isHealthy = health === "healthy";
  return html`
    <p class="control"
      id="now"><span id="health" class="${isHealthy ? "good" : "bad"}">${isHealthy
        ? "healthy"
        : "degraded"}</span> <span id="state" class="soft" role="status"></span></p>
  `;
}

function alarmsSection({ problems, pending }: AgentReport): Markup {
  const waiting = pending > 0
    ? [`Changes that wait for the firewall: ${formatCount(pending)}`]
    : [];
  const alarms = [...problems, ...waiting];
  const items = html`
    <h2>What needs attention</h2>
    <ul>${alarms.map((alarm) => html`<li class="bad">${alarm}</li>`)}</ul>
  `;
  return alarms.length === 0
    ? html`<section class="wide" id="alarms" hidden></section>`
    : html`<section class="wide" id="alarms" aria-label="What needs attention">${items}</section>`;
}

function jailsNowSection({ jails }: AgentReport): Markup {
  return html`
    <section class="wide" id="jails-now" aria-labelledby="jails-now-head">
      <h2 id="jails-now-head">Right now</h2>
      <p
        class="about">The jails at work, how many addresses have failed of late, and how many are kept out.</p>
      <table>
        <caption>The jails at work</caption>
        <thead>
          <tr>
            <th scope="col">Jail</th>
            <th scope="col" class="number">Failing</th>
            <th scope="col" class="number">Banned</th>
            <th scope="col" class="number">Bans ever</th>
            <th scope="col" class="sources">Reads</th>
          </tr>
        </thead>
        <tbody>${jails.map((jail) =>
          html`
            <tr>
              <th scope="row">${jail.jail}</th>
              <td class="number">${formatCount(jail.failed.now)}</td>
              <td class="number">${formatCount(jail.banned.now)}</td>
              <td class="number">${formatCount(jail.banned.total)}</td>
              <td class="sources soft">${sourcesInWords(jail).join(", ")}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </section>
  `;
}

const unbanSection = html`
  <section class="wide control" id="unban-section" aria-labelledby="unban-head">
    <h2 id="unban-head">Lift a ban</h2>
    <p class="about">By the token of this server. It is forgotten when this page is closed.</p>
    <form id="unban" class="search" hidden>
  <label for="token">Token</label><input id="token" type="password" autocomplete="off" required>
  <label for="host">Address</label><input id="host" autocomplete="off" spellcheck="false" required>
  <button>Unban</button><span id="unbanned" role="status"></span>
    </form>
  </section>
`;

/** The page where the agent does not answer. It is tried again by itself. */
export function renderUnreachable(why: string): Page {
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="refresh" content="10">
        <title>banjo does not answer</title>
      </head>
      <body>
        <main>
          <h1>banjo does not answer</h1>
          <p>${why}</p>
          <p>This page tries again every ten seconds.</p>
        </main>
      </body>
    </html>
  `;
  return {
    text: page.toString(),
    policy: "default-src 'none'; base-uri 'none'; form-action 'none'",
  };
}
