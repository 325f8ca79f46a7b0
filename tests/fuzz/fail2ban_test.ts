import { assert } from "@std/assert";
import fc from "fast-check";
import { parseReference, parseReferences } from "../../lib/fail2ban/bracket_options.ts";
import { readDuration } from "../../lib/fail2ban/durations.ts";
import { parseIni } from "../../lib/fail2ban/ini.ts";
import { splitWords } from "../../lib/fail2ban/journal_words.ts";
import { ConfError } from "../../lib/fail2ban/mod.ts";
import { translatePattern } from "../../lib/fail2ban/python_regex.ts";
import { damaged, fuzz } from "./fuzz.ts";

const refusals = [ConfError];
const place = { file: "jail.conf", line: 1 };

Deno.test("fuzz: fail2ban's files are read, or refused with a place", async () => {
  const good = [
    `[INCLUDES]
before = common.conf
[DEFAULT]
_daemon = sshd
[Definition]
prefregex = ^<F-MLFID>%(__prefix_line)s</F-MLFID>%(__pref)s<F-CONTENT>.+</F-CONTENT>$
failregex = ^Failed \\S+ for <F-USER>.*</F-USER> from <HOST>
            ^Other line <HOST> ; remark
# remark
ignoreregex :
`,
    `[sshd]\nenabled = true\nport: ssh\nfilter = sshd[mode=aggressive, x="a, b"]\n\n  y\nbantime=1h\n`,
  ];
  await fuzz(damaged(good), (text) => parseIni("test.conf", text), { refusals });
});

Deno.test("fuzz: fail2ban's references, words and durations are read, or refused", async () => {
  const good = [
    `sshd[mode=normal, publickey="any"][logtype='journal']`,
    `iptables-multiport[name=sshd, port="ssh,sftp", protocol=tcp] mail[x=]`,
    `_SYSTEMD_UNIT=sshd.service + _COMM=sshd "a b" 'c\\' d\\ e`,
    "1d 2h 3m",
    "-1",
    "1month2w",
  ];
  await fuzz(damaged(good), (text) => parseReference(text, place), { refusals });
  await fuzz(damaged(good), (text) => parseReferences(text, place), { refusals });
  await fuzz(damaged(good), (text) => splitWords(text, place), { refusals });
  await fuzz(damaged(good), (text) => readDuration({ text, place }), { refusals });
});

Deno.test("fuzz: a Python pattern is translated, or refused with a reason", async () => {
  const good = [
    String
      .raw`^(?:error: )?PAM: [aA]uthentication failure for <F-USER>.+?</F-USER> from <HOST>(?: port \d+)?$`,
    String
      .raw`(?P<a>x)(?P=a)(?(a)b|c)(?i:d)(?=e)(?<!f)[^\w\]-][[:alpha:]]\x41\u00e9\N{DIGIT ONE}{2,3}?`,
    String.raw`(?x) a # remark
      b{1,}+ \Z \A \b (?#c) <ADDR><F-ALT_USER>\S*</F-ALT_USER>`,
    String.raw`^(?:(?:a|b)*c|d+?|e{5})*$|\1|<SKIPLINES>`,
  ];
  const subjects = fc.constantFrom("line", "lines", "block", "date");
  await fuzz(fc.tuple(damaged(good), subjects), ([pattern, subject]) => {
    const translation = translatePattern(pattern, subject);
    if (translation.kind === "refused") assert(translation.reason !== "");
  });
});
