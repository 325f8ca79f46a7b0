import { assertEquals } from "@std/assert";
import { JailConf, type ResolvedJail } from "../../lib/fail2ban/jail_conf.ts";
import { dumpJails, type Sent, STOCK } from "./fail2ban.ts";

Deno.test("every stock jail comes out as fail2ban's own client has it", async () => {
  await compare({ "jail.local": "[DEFAULT]\nenabled = true\n" }, 80);
});

Deno.test("every stock jail that reads the journal comes out as fail2ban has it", async () => {
  await compare({ "jail.local": "[DEFAULT]\nenabled = true\nbackend = systemd\n" }, 80);
});

Deno.test("layers, known values, options and overrides come out as fail2ban has them", async () => {
  await compare({
    "jail.local": `
[DEFAULT]
bantime = 1d
findtime: 1h 30m   ; with a comment behind
mode = aggressive
ignoreip = 127.0.0.1/8 ::1, 192.0.2.0/24
	198.51.100.7
usedns = no
[sshd]
enabled = true
filter = sshd[mode=ddos, publickey='any'][logtype=short]
[twice]
enabled = on
filter = mine
failregex = %(known/failregex)s
            ^jail <HOST>$
datepattern = %%Y-%%m-%%d jail
maxretry = 7
port = 22,80:90
bantime.increment = true
bantime.rndtime = 10m
[parameters]
enabled = true
filter = mine[daemon="x, y", failregex='^parameter <HOST>', maxlines=3]
backend = systemd
[nginx-botsearch]
enabled = true
filter = nginx-botsearch[block="(?:<known/block>|x)"]
[postfix]
enabled = true
mode = more
[apache-badbots]
enabled = true
filter = apache-badbots[badbots="<known/badbots>|<badbotscustom>"]
`,
    "jail.d/b.conf": "[twice]\nmaxretry = %(known/maxretry)s1\n[late]\nfilter = mine\nenabled=1\n",
    "jail.d/a.conf": "[twice]\nmaxretry = 5\nfindtime = 3h\n",
    "jail.d/z.local": "[late]\nmaxretry = 9\nignoreregex = z <tag>\n",
    "filter.d/mine.conf": `[INCLUDES]
before = common.conf
         base.conf
after = last.conf
[Definition]
_daemon = <daemon>
__own = one|%(other)s
failregex = ^%(__prefix_line)s(?:%(__own)s) <HOST>$
   # a comment inside

            ^%(known/failregex)s <F-USER>\\S+</F-USER> \\; <part> %(extra/word)s <extra/word>
ignoreregex = <ignore-<kind>>
ignore-a = first
ignore-b = second %(default/shared)s
datepattern = {^LN-BEG}
[Init]
daemon = mine
kind = b
part = p<daemon>p
maxlines = 2
[extra]
word = extra
`,
    "filter.d/base.conf": "[DEFAULT]\nother = two\nshared = sh\n[Definition]\nfailregex = ^base\n",
    "filter.d/last.conf": "[Definition]\njournalmatch = _A=1 + _B='x y' _C=2\n  _D=3\n",
    "filter.d/mine.local":
      "[Definition]\nother = three\nignoreregex = %(known/ignoreregex)s\n  ^local <HOST>\n",
    "filter.d/mine.d/x.conf": "[Init]\nkind = a\n",
  }, 7);
});

/** Lays files over the stock configuration, and compares every enabled jail with fail2ban's own dump. */
async function compare(files: Record<string, string>, least: number) {
  const folder = await Deno.makeTempDir();
  try {
    await new Deno.Command("cp", { args: ["-r", `${STOCK}/.`, folder] }).output();
    await Deno.remove(`${folder}/jail.d`, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const dump = await dumpJails(folder);
    dump.delete("");
    const conf = JailConf.read(folder);
    const enabled = conf.names.filter((name) => conf.isEnabled(name));
    assertEquals(
      enabled.toSorted(),
      [...dump.keys()].filter((name) => enabled.includes(name)).sort(),
    );
    assertEquals(enabled.length >= least, true, `${enabled.length} jails are enabled`);
    for (const name of enabled) {
      assertEquals(sentBy(conf.resolve(name)), wanted(dump.get(name)!), name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What matters of the commands for a jail: the last word on each option, and all patterns. */
function wanted(sent: readonly Sent[]) {
  const options: Record<string, unknown> = {};
  const actions: Record<string, unknown>[] = [];
  const lists: Record<string, unknown[]> = {
    addfailregex: [],
    addignoreregex: [],
    addjournalmatch: [],
  };
  for (const [kind, , option, ...values] of sent as [string, string, string, ...unknown[]][]) {
    if (kind === "add") options["backend"] = option;
    else if (option === "addaction") actions.push({ name: values[0] });
    else if (option === "action") {
      const all = Object.fromEntries(values[1] as [string, unknown][]);
      Object.assign(actions.at(-1)!, { port: all["port"], protocol: all["protocol"] });
    } else if (option === "addjournalmatch") lists[option]!.push(values);
    else if (option in lists) {
      lists[option]!.push(...kind === "set" ? values : values[0] as unknown[]);
    } else if (option === "addignoreip") options["ignoreip"] = values;
    else if (option !== "addlogpath") options[option] = String(values[0]).toLowerCase();
  }
  for (const option of CASED) if (option in options) options[option] = lastOf(sent, option);
  return { options, lists, actions };
}

/** Options in which upper and lower case differ. */
const CASED = ["prefregex", "datepattern", "ignorecommand"];

function lastOf(sent: readonly Sent[], option: string) {
  return sent.findLast((one) => one[2] === option)![3];
}

function sentBy({ name: jail, options, filter, actions }: ResolvedJail) {
  const resolved = filter!.resolved;
  const found: Record<string, unknown> = {};
  for (const [name, { text }] of options) {
    if (NOT_SENT.has(name)) continue;
    found[name] = CASED.includes(name) ? text : text.toLowerCase();
  }
  const ignoreip = options.get("ignoreip")?.text;
  if (ignoreip !== undefined) found["ignoreip"] = ignoreip.split(/[\s,]+/);
  if (resolved.prefregex) found["prefregex"] = resolved.prefregex.text;
  if (resolved.usedns) found["usedns"] = resolved.usedns.text.toLowerCase();
  if (resolved.maxlines) found["maxlines"] = resolved.maxlines.text;
  if (resolved.datepattern.length > 0) {
    found["datepattern"] = resolved.datepattern.map(({ text }) => text).join("\n");
  }
  const texts = (lines: readonly { text: string }[]) => lines.map(({ text }) => text);
  return {
    options: found,
    lists: {
      addfailregex: texts(resolved.failregex),
      addignoreregex: texts(resolved.ignoreregex),
      addjournalmatch: resolved.journalmatch,
    },
    actions: actions.map(({ name, options }) => ({
      // Of two actions alike fail2ban tells one from the other by what the name adds to the jail's.
      name: options.get("actname") ?? name + (options.get("name") ?? jail).slice(jail.length),
      port: options.get("port"),
      protocol: options.get("protocol"),
    })),
  };
}

/** Options that are sent under other names, or not at all. */
const NOT_SENT = new Set([
  "enabled",
  "filter",
  "action",
  "logpath",
  "ignoreip",
  "port",
  "protocol",
  "prefregex",
  "usedns",
  "maxlines",
  "datepattern",
  "failregex",
  "ignoreregex",
  "journalmatch",
]);
