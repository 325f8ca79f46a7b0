/** Reports of bans of the past: gathered, summed up, and shown as a page. */
export { formatCount } from "./charts.ts";
export { html, type Markup, nothing } from "./html.ts";
export { NameReader, type NameReaderJails } from "./names.ts";
export { renderPage } from "./page.ts";
export type { Additions, Origin, Page } from "./page.ts";
export { Past } from "./past.ts";
export { summarise, type Summary } from "./summary.ts";
