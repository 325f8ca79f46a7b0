import {
  asApacheAccessLogWrites,
  asApacheErrorLogWrites,
  asBasicAuthCarries,
  asHaproxyWrites,
  asHeaderCarries,
  asJsonWrites,
  asNamedWrites,
  asOpenvpnWrites,
  asPostgresqlWrites,
  asQueryCarries,
  asSquidWrites,
} from "./escapes.ts";
import { LOGGED, PEER, type Place, syslogLine } from "./place.ts";

const access = (
  status: number,
  { path = "/", user = "-", request = "", referer = "-", agent = "curl/7.88.1" },
) =>
  `www.example.org:443 ${PEER} - ${user} [21/Nov/2026:01:25:16 +0000] "${
    request || `GET ${path} HTTP/1.1`
  }" ${status} 153 "${referer}" "${agent}"`;

const header = (text: string) => asApacheAccessLogWrites(asHeaderCarries(text));

const inApacheAccess = (filter: string, status: number, path: string, agent: string): Place[] => [
  {
    filter,
    what: "query",
    write: (text) =>
      access(status, { path: `${path}?${asApacheAccessLogWrites(asQueryCarries(text))}`, agent }),
    blame: PEER,
  },
  {
    filter,
    what: "Referer",
    write: (text) => access(status, { path, agent, referer: header(text) }),
    blame: PEER,
  },
  {
    filter,
    what: "user name, digest authentication's too",
    write: (text) => access(status, { path, agent, user: header(text) || "-" }),
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter,
    what: "User-Agent",
    write: (text) => access(status, { path, agent: header(text) + agent }),
    blame: PEER,
    mayBeMissed: filter === "apache-badbots",
  },
  {
    filter,
    what: "query of a page that exists",
    write: (text) =>
      access(200, { path: `/page?${asApacheAccessLogWrites(asQueryCarries(text))}` }),
  },
  {
    filter,
    what: "Referer on a page that exists",
    write: (text) => access(200, { referer: header(text) }),
  },
];

const apacheError = (message: string) =>
  `[Sat Nov 21 01:25:16.286271 2026] [auth_basic:error] [pid 85:tid 94] [client ${PEER}:51433] ${message}`;

const haproxy = (status: number, text: string, path: string) =>
  syslogLine(
    "haproxy",
    `${PEER}:35749 [21/Nov/2026:01:25:16.767] http-in b/s1 0/0/0/0/0 ${status} 121 - - ---- 1/1/0/0/0 0/0 {${
      asHaproxyWrites(asHeaderCarries(text))
    }} "GET ${path} HTTP/1.1"`,
  );

const traefik = (status: number, user: string, path: string) =>
  `{"ClientAddr":"${PEER}:51234","ClientHost":"${PEER}","ClientPort":"51234","ClientUsername":"${user}",` +
  `"DownstreamContentSize":17,"DownstreamStatus":${status},"Duration":1234567,"RequestPath":"${path}",` +
  `"level":"info","msg":"","time":"2026-11-21T01:25:16Z"}`;

const squid = (result: string, url: string, user: string) =>
  `${LOGGED / 1000}.803     27 ${PEER} ${result} 3459 GET ${url} ${user} HIER_NONE/- text/html`;

const postgresql = (message: string) =>
  `2026-11-21 01:25:16.586 UTC [355] ${PEER} ${asPostgresqlWrites(message)}`;

const mongodb = (context: string, message: string, attributes: string) =>
  `{"t":{"$date":"2026-11-21T01:25:16.923+00:00"},"s":"I",  "c":"ACCESS",   "id":20249,   ` +
  `"ctx":"${context}","msg":"${message}","attr":{${attributes}}}`;

const slapd = (...messages: string[]) =>
  messages.map((message) => syslogLine("slapd", message)).join("\n");

const asterisk = (account: string, session: string) =>
  '[2026-11-21 01:25:16] SECURITY[999] res_security_log.c: SecurityEvent="InvalidPassword",' +
  `EventTV="2026-11-21T01:25:16.504+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="${account}",` +
  `SessionID="${session}",LocalAddress="IPV4/UDP/192.0.2.1/5060",RemoteAddress="IPV4/UDP/${PEER}/5060",` +
  `Challenge="384d9078"`;

const freeswitch = (what: string, account: string) =>
  `2026-11-21 01:25:16.051799 [WARNING] sofia_reg.c:1737 SIP auth ${what} (REGISTER) on sofia profile 'internal' ` +
  `for [${account}] from ip ${PEER}`;

/** Where clients of web servers, proxies, databases and others have a say. */
export const placesOfServers: readonly Place[] = [
  ...inApacheAccess("apache-404", 404, "/nothere", "curl/7.88.1"),
  ...inApacheAccess("apache-noscript", 404, "/x.php", "curl/7.88.1"),
  ...inApacheAccess("apache-badbots", 200, "/", "zgrab/0.x").slice(0, 4),
  ...inApacheAccess("apache-overflows", 414, "/x", "curl/7.88.1"),
  {
    filter: "apache-overflows",
    what: "request line that is none",
    write: (text) => access(400, { request: header(text) || "-" }),
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "apache-auth",
    what: "user",
    write: (text) =>
      apacheError(`AH01618: user ${asApacheErrorLogWrites(text)} not found: /auth/x`),
    blame: PEER,
  },
  {
    filter: "apache-auth",
    what: "Referer",
    write: (text) =>
      apacheError(
        `AH01617: user alice: authentication failure for "/auth/x": Password Mismatch, referer: ${
          asApacheErrorLogWrites(text)
        }`,
      ),
    blame: PEER,
  },
  {
    filter: "apache-auth",
    what: "path that is denied",
    write: (text) =>
      apacheError(
        `AH01630: client denied by server configuration: /var/www/${asApacheErrorLogWrites(text)}`,
      ),
  },
  {
    filter: "haproxy-auth",
    what: "captured header",
    write: (text) => haproxy(401, text, "/login"),
    blame: PEER,
  },
  {
    filter: "haproxy-auth",
    what: "captured header on a page that exists",
    write: (text) => haproxy(200, text, "/"),
  },
  {
    filter: "haproxy-auth",
    what: "path of a page that exists",
    write: (text) => haproxy(200, "x", `/?${asHaproxyWrites(asQueryCarries(text))}`),
  },
  {
    filter: "traefik-auth",
    what: "user",
    write: (text) => traefik(401, asJsonWrites(`u${asBasicAuthCarries(text)}`), "/"),
    blame: PEER,
  },
  {
    filter: "traefik-auth",
    what: "path",
    write: (text) => traefik(401, "alice", asJsonWrites(text)),
    blame: PEER,
  },
  {
    filter: "traefik-auth",
    what: "path of a page that exists",
    write: (text) => traefik(200, "alice", asJsonWrites(text)),
  },
  {
    filter: "squid",
    what: "user",
    write: (text) => squid("TCP_DENIED/407", "http://192.0.2.1/", `u${asSquidWrites(text)}`),
    blame: PEER,
  },
  {
    filter: "squid",
    what: "URL that is refused",
    write: (text) => squid("TCP_DENIED/403", `http://192.0.2.1/${asSquidWrites(text)}`, "-"),
    blame: PEER,
  },
  {
    filter: "squid",
    what: "URL that is served",
    write: (text) => squid("TCP_MISS/200", `http://192.0.2.1/${asSquidWrites(text)}`, "-"),
  },
  {
    filter: "postgresql",
    what: "user",
    write: (text) => postgresql(`FATAL:  password authentication failed for user "${text}"`),
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "postgresql",
    what: "database",
    write: (text) =>
      postgresql(
        `FATAL:  no pg_hba.conf entry for host "${PEER}", user "bob", database "${text}", no encryption`,
      ),
    blame: PEER,
  },
  {
    filter: "postgresql",
    what: "statement",
    write: (text) => postgresql(`STATEMENT:  select '${text}'`),
  },
  {
    filter: "mongodb",
    what: "user",
    write: (text) =>
      mongodb(
        "conn1",
        "Authentication failed",
        `"mechanism":"SCRAM-SHA-1","speculative":false,"principalName":"${
          asJsonWrites(text)
        }","authenticationDatabase":"${
          asJsonWrites(text)
        }","remote":"${PEER}:34130","extraInfo":{},"error":"${asJsonWrites(text)}"`,
      ),
    blame: PEER,
  },
  {
    filter: "mongodb",
    what: "name of the client's program",
    write: (text) =>
      mongodb(
        "conn1",
        "client metadata",
        `"remote":"${PEER}:57664","client":"conn1","doc":{"application":{"name":"${
          asJsonWrites(text)
        }"}}`,
      ),
  },
  {
    filter: "slapd",
    what: "name",
    write: (text) =>
      slapd(
        `conn=1000 fd=13 ACCEPT from IP=${PEER}:60569 (IP=192.0.2.1:389)`,
        `conn=1000 op=0 BIND dn="cn=${text}" method=128`,
        "conn=1000 op=0 RESULT tag=97 err=49 qtime=0.000011 etime=0.000085 text=",
      ),
    blame: PEER,
  },
  {
    filter: "slapd",
    what: "name that is none",
    write: (text) =>
      slapd(
        `conn=1000 fd=13 ACCEPT from IP=${PEER}:60569 (IP=192.0.2.1:389)`,
        `conn=1000 op=0 do_bind: invalid dn (${text})`,
        "conn=1000 op=0 RESULT tag=97 err=34 qtime=0.000008 etime=0.000493 text=invalid DN",
      ),
  },
  {
    filter: "named-refused",
    what: "name that is asked for",
    write: (text) => {
      const name = `${asNamedWrites(text)}.example`;
      return syslogLine(
        "named",
        `client @0x7fa90f61f098 ${PEER}#49100 (${name}): query (cache) '${name}/A/IN' denied (allow-query-cache did not match)`,
      );
    },
    blame: PEER,
  },
  {
    filter: "named-refused",
    what: "name that others cannot resolve",
    write: (text) =>
      syslogLine("named", `lame server resolving '${asNamedWrites(text)}' (in 'x'?): 192.0.2.1#53`),
  },
  {
    filter: "openvpn",
    what: "name in a certificate",
    write: (text) =>
      `2026-11-21 01:25:16 ${PEER}:36704 VERIFY ERROR: depth=0, error=self-signed certificate: CN=${
        asOpenvpnWrites(text)
      }, serial=1`,
    blame: PEER,
  },
  {
    filter: "openvpn",
    what: "information about the client",
    write: (text) => `2026-11-21 01:25:16 ${PEER}:36704 peer info: UV_X=${asOpenvpnWrites(text)}`,
  },
  {
    filter: "asterisk",
    what: "account",
    write: (text) => asterisk(asHeaderCarries(text), "1"),
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "asterisk",
    what: "account and the call's id",
    write: (text) =>
      asterisk(
        `x",SessionID="1",LocalAddress="IPV4/UDP/1.1.1.1/1",RemoteAddress="IPV4/UDP/203.0.113.9/5060"${
          asHeaderCarries(text)
        }`,
        asHeaderCarries(text),
      ),
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "freeswitch",
    what: "account",
    write: (text) => freeswitch("failure", asHeaderCarries(text)),
    blame: PEER,
  },
  {
    filter: "freeswitch",
    what: "account of a login that only begins",
    write: (text) => freeswitch("challenge", asHeaderCarries(text)),
  },
];
