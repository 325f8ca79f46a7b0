/** Tags that stand alone, and the groups that they are to Python. */
export const STANDING: Readonly<Record<string, readonly string[]>> = {
  HOST: ["ip4", "ip6", "dns"],
  ADDR: ["ip4", "ip6"],
  IP4: ["ip4"],
  IP6: ["ip6"],
  DNS: ["dns"],
  CIDR: ["cidr"],
  SUBNET: ["ip4", "ip6", "cidr"],
  SKIPLINES: [],
  "F-ADDR/": ["ip4", "ip6"],
  "F-IP4/": ["ip4"],
  "F-IP6/": ["ip6"],
  "F-DNS/": ["dns"],
  "F-CIDR/": ["cidr"],
  "F-SUBNET/": ["ip4", "ip6", "cidr"],
  "F-ID/": ["fid"],
  "F-PORT/": ["fport"],
};

/** Tags whose groups have other names than the tags. */
export const RENAMED: Readonly<Record<string, string>> = { ID: "fid", PORT: "fport" };
