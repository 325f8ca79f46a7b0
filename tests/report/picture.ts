/**
 * Makes docs/dashboard.png: the dashboard of a busy week, in Chromium. By hand, as root, where the system's font is the one
 * that the picture is to have:
 *
 *     deno run -A tests/report/picture.ts
 */
import { describeEvent } from "../../lib/agent/explain.ts";
import { loadConfig } from "../../lib/config/mod.ts";
import type { AgentReport } from "../../lib/control/mod.ts";
import { renderDashboard } from "../../lib/dashboard/mod.ts";
import { NameReader, Past, summarise } from "../../lib/report/mod.ts";
import { version } from "../../lib/version.ts";
import { Browser } from "../chromium.ts";
import { week } from "./week.ts";

const NOW = Date.parse("2026-11-23T21:40:00Z");
const WEEK = 7 * 86_400_000;

const names = new NameReader((await loadConfig("/nowhere", { isOptional: true })).jails);
const past = new Past((...words) => names.namesIn(...words), 10_000);
for (const event of week({ seed: 11, bans: 2600, end: NOW })) past.take(describeEvent(event));
const summary = summarise(past.bans, NOW - WEEK, NOW);
const status: AgentReport = {
  health: "healthy",
  version,
  jails: [],
  pending: 0,
  problems: [],
  spared: [],
};
const { text } = await renderDashboard({ summary, status }, "web1.example.org", false);

const file = await Deno.makeTempFile({ suffix: ".html" });
try {
  await Deno.writeTextFile(file, text);
  await using browser = await Browser.start();
  await browser.show({ width: 1120 });
  await browser.open(`file://${file}`);
  // There is nobody to answer; the page's script knows the old element.
  await browser.evaluate(`{
    const state = document.querySelector("#state");
    const live = state.cloneNode();
    live.className = "soft";
    live.textContent = "\\u00b7 live";
    state.replaceWith(live);
  }`);
  const path = new URL("../../docs/dashboard.png", import.meta.url);
  await Deno.writeFile(path, await browser.picture(1010));
} finally {
  await Deno.remove(file);
}
