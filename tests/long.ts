/** How much is tried: a slice of the long tests in the usual run, all of it in `tests/run.sh --long`. */

/** Whether all of it is. */
export const isLong = Deno.env.get("BANJO_LONG") === "1";

/** The number for the usual run, or for the long one. */
export function usualOrLong(usual: number, long: number): number {
  return isLong ? long : usual;
}

/** How long the agent is put under load: SOAK, an hour in the long run, a few seconds in the usual one. In minutes. */
export const soakMinutes = Number(Deno.env.get("SOAK") ?? usualOrLong(0.1, 60));
