import { report } from "../control/mod.ts";
import { readHost } from "./ban.ts";
import { type Command, dirOf, sharedFlags, UsageError } from "./command.ts";

/** `banjo attempt JAIL IP` */
export const attempt: Command = {
  name: "attempt",
  operands: "JAIL IP",
  offers: "jails",
  summary: "Report a failed login, or a success, to a jail that takes reports",
  details:
    "For scripts of applications; the jail needs `reports = true`, and whoever calls this must be in the\n" +
    "group banjo-report. Nothing is printed; it is on the disk when this ends with 0.",
  flags: {
    user: { value: "USER", about: "who tried to log in" },
    reason: { value: "TEXT", about: "what went wrong, as the evidence is to say" },
    success: {
      about: "this user did log in: his own failures from there no longer count (needs --user)",
    },
    ...sharedFlags.runtime,
  },
  arity: [2, 2],
  async run(words) {
    const [jail, address] = words.operands as [string, string];
    const host = readHost(address);
    if (host.includes("/")) {
      throw new UsageError(`Cannot read ${JSON.stringify(address)}: an attempt is of one address`);
    }
    const user = words.value("user");
    const reason = words.value("reason");
    const runtime = dirOf(words, "runtime");
    if (!words.has("success")) {
      await report(runtime, "report", { jail, host, user, reason });
      return 0;
    }
    if (user === undefined) throw new UsageError("Cannot report a success: whose? give --user");
    if (reason !== undefined) throw new UsageError("Cannot report a success: it has no --reason");
    await report(runtime, "success", { jail, host, user });
    return 0;
  },
};
