import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  asBasicAuthCarries,
  asHeaderCarries,
  asJsonWrites,
  asNginxAccessLogWrites,
  asPathCarries,
  asQueryCarries,
  asSshdWrites,
} from "./escapes.ts";
import { BYSTANDER, FRAGMENTS, hostileText } from "./hostile.ts";
import { access, LOGGED, PEER, type Place } from "./place.ts";
import { placesOfApplications } from "./places_of_applications.ts";
import { placesOfFtp } from "./places_of_ftp.ts";
import { placesOfMail } from "./places_of_mail.ts";
import { placesOfServers } from "./places_of_servers.ts";
import { findInFile, findInMessage, hostsOf, NOW, shippedConfig } from "./shipped.ts";

const sshd = (
  message: (name: string) => string,
  blame?: string,
): Omit<Place, "filter" | "what"> => ({
  write: (text) =>
    `2026-11-21T01:25:16+00:00 server sshd-session[7193]: ${message(asSshdWrites(text))}`,
  ...(blame && { blame }),
});

/** The error log; nothing is escaped here. */
const error = (message: string, { path = "/", referer = "-", level = "error" } = {}) =>
  `2026/11/21 01:25:16 [${level}] 10563#10563: *8 ${message}, client: ${PEER}, server: www.example.org, ` +
  `request: "GET ${path} HTTP/1.1", host: "www.example.org", referrer: "${referer}"`;

const caddy = (status: number, { uri = "/x", agent = "curl" }) =>
  `{"level":"error","ts":${
    LOGGED / 1000
  }.5,"logger":"http.log.access","msg":"handled request","request":` +
  `{"remote_ip":"${PEER}","remote_port":"50946","client_ip":"${PEER}","proto":"HTTP/1.1","method":"GET",` +
  `"host":"www.example.org","uri":"${asJsonWrites(uri)}","headers":{"User-Agent":["${
    asJsonWrites(agent)
  }"]}},` +
  `"bytes_read":0,"user_id":"","duration":0.000072248,"size":0,"status":${status},"resp_headers":{"Server":["Caddy"]}}`;

const uvicorn = (target: string, status: string) =>
  `2026-11-21 01:25:16 INFO:     ${PEER}:34968 - "GET ${target} HTTP/1.1" ${status}`;

const inAccessLog = (filter: string, status: number, path: string, agent: string): Place[] => {
  const place = (
    what: string,
    fields: (text: string) => Parameters<typeof access>[1],
    answer = status,
  ): Place => ({
    filter,
    what,
    write: (text) => access(answer, { path, agent, ...fields(text) }),
    ...(answer === status && { blame: PEER }),
  });
  const query = (text: string) => ({
    path: `${path}?${asNginxAccessLogWrites(asQueryCarries(text))}`,
  });
  const referer = (text: string) => ({ referer: asNginxAccessLogWrites(asHeaderCarries(text)) });
  const user = (text: string) => ({
    user: asNginxAccessLogWrites(asBasicAuthCarries(text)) || "-",
  });
  return [
    place("query", query),
    place("Referer", referer),
    place("user name", user),
    place(
      "User-Agent",
      (text) => ({ agent: asNginxAccessLogWrites(asHeaderCarries(text)) + agent }),
    ),
  ];
};

/** Lines that are no failure, whatever the client puts into them. */
const inHarmlessAccess = (filter: string): Place[] => [
  {
    filter,
    what: "path of a page that exists",
    write: (text) => access(200, { path: `/page/${asPathCarries(text)}` }),
  },
  {
    filter,
    what: "Referer of a page that exists",
    write: (text) => access(200, { referer: asNginxAccessLogWrites(asHeaderCarries(text)) }),
  },
  {
    filter,
    what: "User-Agent of a page that exists",
    write: (text) =>
      access(200, { agent: `Mozilla/5.0 (${asNginxAccessLogWrites(asHeaderCarries(text))})` }),
  },
];

/** What nginx' error log says of other requests; without line ends, of which see below. */
const inHarmlessError = (filter: string): Place[] => [
  {
    filter,
    what: "path of a page that does not exist, decoded",
    write: (text) =>
      error(
        `open() "/var/www/${text.replace(/[\n\r\0]/g, "")}" failed (2: No such file or directory)`,
      ),
  },
  {
    filter,
    what: "request line that is none",
    write: (text) =>
      `2026/11/21 01:25:16 [info] 1#1: *1 client sent invalid method while reading client request line, client: ${PEER}, ` +
      `server: www.example.org, request: "${asHeaderCarries(text)}"`,
  },
];

const places: readonly Place[] = [
  ...placesOfApplications,
  ...placesOfFtp,
  ...placesOfMail,
  ...placesOfServers,
  {
    filter: "sshd",
    what: "user",
    ...sshd(
      (name) => `Failed password for invalid user ${name} from ${PEER} port 40325 ssh2`,
      PEER,
    ),
  },
  {
    filter: "sshd",
    what: "unknown user",
    ...sshd((name) => `Invalid user ${name} from ${PEER} port 40325`, PEER),
  },
  {
    filter: "sshd",
    what: "user of PAM",
    ...sshd(
      (name) => `error: PAM: Authentication failure for illegal user ${name} from ${PEER}`,
      PEER,
    ),
  },
  {
    filter: "sshd",
    what: "user with too many attempts",
    ...sshd(
      (name) =>
        `error: maximum authentication attempts exceeded for invalid user ${name} from ${PEER} port 58821 ssh2 [preauth]`,
      PEER,
    ),
  },
  {
    filter: "sshd",
    what: "user that goes away",
    ...sshd((name) => `Connection closed by invalid user ${name} ${PEER} port 40325 [preauth]`),
  },
  {
    filter: "sshd",
    what: "protocol banner",
    ...sshd((text) =>
      `error: kex_exchange_identification: client sent invalid protocol identifier "${text}"`
    ),
  },
  {
    filter: "sshd",
    what: "words on leaving",
    ...sshd((text) => `Received disconnect from ${PEER} port 53737:11: ${text} [preauth]`),
  },
  {
    filter: "sshd",
    what: "offered algorithms",
    ...sshd((text) =>
      `Unable to negotiate with ${PEER} port 53829: no matching host key type found. Their offer: ${text} [preauth]`
    ),
  },
  {
    filter: "sshd",
    what: "another program's message",
    write: (text) =>
      `2026-11-21T01:25:16+00:00 server su[7193]: FAILED SU (to ${
        asSshdWrites(text)
      }) mallory on pts/1`,
  },
  ...inAccessLog("nginx-404", 404, "/nothere", "curl/7.88.1"),
  ...inAccessLog("nginx-4xx", 403, "/x", "curl/7.88.1"),
  ...inAccessLog("nginx-noscript", 404, "/x.php", "curl/7.88.1"),
  ...inAccessLog("nginx-botsearch", 404, "/.env", "curl/7.88.1"),
  ...inAccessLog("nginx-badbots", 200, "/", "zgrab/0.x"),
  ...inHarmlessAccess("nginx-badbots").filter(({ what }) => !what.startsWith("User-Agent")),
  ...["nginx-404", "nginx-4xx", "nginx-noscript", "nginx-botsearch", "nginx-http-auth"].flatMap(
    inHarmlessAccess,
  ),
  {
    filter: "nginx-4xx",
    what: "request line that is none",
    write: (text) => access(400, { request: asNginxAccessLogWrites(asHeaderCarries(text)) }),
    blame: PEER,
  },
  {
    filter: "nginx-http-auth",
    what: "user in the access log",
    write: (text) => access(401, { user: `u${asNginxAccessLogWrites(asBasicAuthCarries(text))}` }),
    blame: PEER,
  },
  {
    filter: "nginx-http-auth",
    what: "Referer of the first request, which has no user",
    write: (text) => access(401, { referer: asNginxAccessLogWrites(asHeaderCarries(text)) }),
  },
  {
    filter: "nginx-http-auth",
    what: "Referer in the error log",
    write: (text) => error('user "alice": password mismatch', { referer: asHeaderCarries(text) }),
    blame: PEER,
  },
  {
    filter: "nginx-http-auth",
    what: "user in the error log",
    write: (text) =>
      error(
        `user "${
          asBasicAuthCarries(text).replace(/[\n\r]/g, "")
        }" was not found in "/etc/nginx/htpasswd"`,
      ),
    blame: PEER,
  },
  {
    filter: "nginx-forbidden",
    what: "query and Referer",
    write: (text) =>
      error("access forbidden by rule", {
        path: `/?${asQueryCarries(text)}`,
        referer: asHeaderCarries(text),
      }),
    blame: PEER,
  },
  {
    filter: "nginx-limit-req",
    what: "query and Referer",
    write: (text) =>
      error('limiting requests, excess: 1.982 by zone "login"', {
        path: `/?${asQueryCarries(text)}`,
        referer: asHeaderCarries(text),
      }),
    blame: PEER,
  },
  ...["nginx-http-auth", "nginx-forbidden", "nginx-limit-req", "nginx-sslerror"].flatMap(
    inHarmlessError,
  ),
  {
    filter: "caddy-404",
    what: "URI",
    write: (text) => caddy(404, { uri: `/x?${asQueryCarries(text)}` }),
    blame: PEER,
  },
  {
    filter: "caddy-404",
    what: "User-Agent",
    write: (text) => caddy(404, { agent: asHeaderCarries(text) }),
    blame: PEER,
  },
  {
    filter: "caddy-404",
    what: "URI of a page that exists",
    write: (text) => caddy(200, { uri: `/x?${asQueryCarries(text)}` }),
  },
  {
    filter: "caddy-404",
    what: "User-Agent on a page that exists",
    write: (text) => caddy(200, { agent: asHeaderCarries(text) }),
  },
  {
    filter: "caddy-404",
    what: "URI in the common format",
    write: (text) =>
      `2026/11/21 01:25:16 ${PEER} - - "GET /x?${asQueryCarries(text)} HTTP/1.1" 404 0`,
    blame: PEER,
  },
  {
    filter: "caddy-404",
    what: "URI of a page that exists, in the common format",
    write: (text) =>
      `2026/11/21 01:25:16 ${PEER} - - "GET /x?${asQueryCarries(text)} HTTP/1.1" 200 3`,
  },
  {
    filter: "fastapi-auth",
    what: "query",
    write: (text) => uvicorn(`/login?${asQueryCarries(text)}`, "401 Unauthorized"),
    blame: PEER,
  },
  {
    filter: "fastapi-auth",
    what: "path",
    write: (text) => uvicorn(`/login/${asPathCarries(text)}`, "401 Unauthorized"),
    blame: PEER,
  },
  {
    filter: "fastapi-auth",
    what: "query in a line without a date",
    write: (text) =>
      `INFO:     ${PEER}:34968 - "GET /?${asQueryCarries(text)} HTTP/1.1" 401 Unauthorized`,
    blame: PEER,
    time: NOW,
  },
  {
    filter: "fastapi-auth",
    what: "query of a page that exists",
    write: (text) => uvicorn(`/?${asQueryCarries(text)}`, "200 OK"),
  },
  {
    filter: "ufw",
    what: "packet quoted in an ICMP error",
    write: (text) =>
      `2026-11-21T01:25:16+00:00 server kernel: [ 2888.265619] [UFW BLOCK] IN=eth0 OUT= MAC=52:54:00 SRC=${PEER} DST=203.0.113.5 LEN=72 ` +
      `TOS=0x00 PREC=0xC0 TTL=64 ID=1 PROTO=ICMP TYPE=3 CODE=3 [SRC=${BYSTANDER} DST=203.0.113.5 LEN=44 TOS=0x00 PREC=0x00 TTL=64 ` +
      `ID=${text.length} DF PROTO=TCP SPT=${text.length} DPT=53 WINDOW=1024 RES=0x00 SYN URGP=0 ] `,
  },
  {
    filter: "ufw",
    what: "another program's message",
    write: (text) => `2026-11-21T01:25:16+00:00 server mallory: ${text.replace(/[\n\0]/g, " ")}`,
  },
  {
    filter: "api-token",
    what: "user without blanks",
    write: (text) =>
      `2026-11-21 01:25:16 ${PEER} u${text.replace(/\s/g, "_")} Incorrect token used.`,
    blame: PEER,
  },
  {
    filter: "api-token",
    what: "user that was let in",
    write: (text) =>
      `2026-11-21 01:25:16 ${PEER} alice Token accepted: ${text.replace(/[\r\n]/g, " ")}`,
  },
];

/** Each fragment alone is tried before what is made of them by chance. */
const EACH_FRAGMENT = {
  examples: FRAGMENTS.map((text) => [text] as [string]),
  numRuns: FRAGMENTS.length + 30,
};

for (const { filter, what, write, inJournal, blame, mayBeMissed, time } of places) {
  const outcome = blame === undefined
    ? "nobody is blamed"
    : mayBeMissed
    ? "nobody but the peer is blamed"
    : "the peer is blamed, at the time that the service wrote";
  Deno.test(`${filter}: whatever stands in place of the ${what}, ${outcome}`, () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const line = write(text);
        const findings = inJournal ? findInMessage(filter, line) : findInFile(filter, line);
        if (mayBeMissed && findings.length === 0) return;
        assertEquals(hostsOf(findings), blame === undefined ? [] : [blame], line);
        if (blame !== undefined) {
          const expected = time ?? (inJournal ? NOW : LOGGED);
          assertEquals(Math.floor(findings[0]!.time / 1000) * 1000, expected, line);
        }
      }),
      EACH_FRAGMENT,
    );
  });
}

Deno.test("every shipped filter has such a place", () => {
  assertEquals(
    [...new Set(places.map(({ filter }) => filter))].sort(),
    [...shippedConfig.filters.keys()].sort(),
  );
});

Deno.test("nginx-http-auth: a user name with line ends in the raw error log blames nobody else", () => {
  fc.assert(fc.property(hostileText, (text) => {
    const lines = error(
      `user "${asBasicAuthCarries(text)}" was not found in "/etc/nginx/htpasswd"`,
    );
    assertEquals(
      hostsOf(findInFile("nginx-http-auth", lines)).filter((host) => host !== PEER),
      [],
      lines,
    );
  }));
});

// What a GET of "/%0a2026/11/21%2001:25:20%20..." really left in the error log of nginx 1.22.
const FORGED = error(
  'open() "/var/www/html/\n2026/11/21 01:25:20 [error] 10563#10563: *33 access forbidden by rule, ' +
    `client: ${BYSTANDER}, server: www.example.org, request: "GET / HTTP/1.1", host: "x"\n" failed (2: No such file or directory)`,
);

Deno.test("nginx-forbidden: a line end in a decoded path forges a line of the error log, as the filter's words say", () => {
  assertEquals(hostsOf(findInFile("nginx-forbidden", FORGED)), [BYSTANDER]);
});

Deno.test("nginx-forbidden: in the journal the forged line is part of one entry, and blames nobody", () => {
  assertEquals(findInMessage("nginx-forbidden", FORGED), []);
});
