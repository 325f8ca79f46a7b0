/** The dashboard: a report that keeps up with the agent, over HTTP on this machine. */
export { type Listening, parseListening } from "./address.ts";
export { Feed, type View } from "./feed.ts";
export { renderDashboard } from "./page.ts";
export { serve } from "./server.ts";
