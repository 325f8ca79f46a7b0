/** The agent's figures for Prometheus. */
export { readMetrics } from "./figures.ts";
