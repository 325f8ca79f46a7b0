/** This host's own addresses: what `ignoreself` protects. */
import { type Host, parseAddress } from "../address.ts";

/** The addresses of all network interfaces, canonical. */
export function ownAddresses(): readonly Host[] {
  return Deno.networkInterfaces()
    .map(({ address }) => parseAddress(address))
    .filter((address) => address !== undefined);
}
