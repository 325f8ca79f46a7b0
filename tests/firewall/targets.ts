import type { Target } from "../../lib/firewall/mod.ts";

/** What the shipped jail sshd asks of a firewall. */
export const sshd: Target = {
  jail: "sshd",
  ports: ["22"],
  protocol: "tcp",
  ipv4Prefix: 32,
  ipv6Prefix: 64,
};
