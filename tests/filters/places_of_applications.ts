import {
  asApacheAccessLogWrites,
  asHeaderCarries,
  asJsonWrites,
  asNginxAccessLogWrites,
  asPathCarries,
  asQueryCarries,
  asSerilogWrites,
} from "./escapes.ts";
import { access, PEER, type Place } from "./place.ts";

/** Logins that are recognised by their request in the access log: the path, and the status of a wrong password. */
const LOGINS: readonly (readonly [filter: string, path: string, status: number])[] = [
  ["wordpress", "/wp-login.php?x=", 200],
  ["wordpress-xmlrpc", "/xmlrpc.php?x=", 200],
  ["gitea", "/user/login?x=", 200],
  ["grafana", "/login?x=", 401],
  ["jenkins", "/j_spring_security_check?x=", 302],
  ["phpmyadmin", "/phpmyadmin/index.php?route=/&x=", 200],
  ["roundcube", "/?_task=login&x=", 401],
];

const logins: readonly Place[] = LOGINS.flatMap(([filter, path, status]) => {
  const servers = [["nginx", asNginxAccessLogWrites], ["Apache", asApacheAccessLogWrites]] as const;
  return servers.flatMap(([server, writes]): Place[] => {
    const request = (query: string) => `POST ${path}${query} HTTP/1.1`;
    const header = (text: string) => writes(asHeaderCarries(text));
    return [
      {
        filter,
        what: `query in the access log of ${server}`,
        write: (text) => access(status, { request: request(writes(asQueryCarries(text))) }),
        blame: PEER,
        // Apache writes a quote as \", and no quote may stand in the request.
        mayBeMissed: true,
      },
      {
        filter,
        what: `Referer in the access log of ${server}`,
        write: (text) => access(status, { request: request(""), referer: header(text) }),
        blame: PEER,
      },
      {
        filter,
        what: `User-Agent in the access log of ${server}`,
        write: (text) => access(status, { request: request(""), agent: header(text) }),
        blame: PEER,
      },
      {
        filter,
        what: `Referer of another page in the access log of ${server}`,
        write: (text) => access(status, { referer: header(text) }),
      },
      {
        filter,
        what: `path of another page in the access log of ${server}`,
        write: (text) => access(404, { path: `/page/${asPathCarries(text)}` }),
      },
    ];
  });
});

const nextcloud = (url: string, message: string, agent = "curl") =>
  `{"reqId":"ByeDVLuwkXKMfLpBgvxC","level":2,"time":"2026-11-21T01:25:16+00:00","remoteAddr":"${PEER}","user":"--",` +
  `"app":"core","method":"POST","url":"${asJsonWrites(url)}","message":"${
    asJsonWrites(message)
  }",` +
  `"userAgent":"${asJsonWrites(agent)}","version":"30.0.1.2","data":[]}`;

const gitlab = (message: string) =>
  `{"severity":"INFO","time":"2026-11-21T01:25:16.513Z","correlation_id":"01JYSQX3N7SFEX6RS072SDB0C1",` +
  `"message":"${asJsonWrites(message)}"}`;

const homeAssistant = (name: string, url: string, agent: string) =>
  `2026-11-21 01:25:16.513 WARNING (MainThread) [homeassistant.components.http.ban] Login attempt or request with invalid ` +
  `authentication from ${name} (${PEER}). Requested URL: '${url}'. (${agent})`;

const pam = (service: string, ruser: string, user: string) =>
  `pam_unix(${service}:auth): authentication failure; logname= uid=0 euid=0 tty=${service} ruser=${ruser} ` +
  `rhost=${PEER}  user=${user}`;

const others: readonly Place[] = [
  {
    filter: "vaultwarden",
    what: "user name",
    write: (text) =>
      `[2026-11-21 01:29:12.513][vaultwarden::api::identity][ERROR] Username or password is incorrect. Try again. ` +
      `IP: ${PEER}. Username: ${text.trim()}.`,
    inJournal: true,
    blame: PEER,
  },
  {
    filter: "vaultwarden",
    what: "path of a request",
    write: (text) => `[2026-11-21 01:29:12.513][request][INFO] GET /${asPathCarries(text)}`,
    inJournal: true,
  },
  {
    filter: "bitwarden",
    what: "words of a client in another message",
    write: (text) =>
      `2026-11-21 01:25:16.513 +00:00 [ERR] Unknown client: ${asHeaderCarries(text)}`,
  },
  {
    filter: "nextcloud",
    what: "user name",
    write: (text) => nextcloud("/login", `Login failed: ${text} (Remote IP: ${PEER})`),
    blame: PEER,
  },
  {
    filter: "nextcloud",
    what: "URL and User-Agent",
    write: (text) =>
      nextcloud(
        `/login?${asQueryCarries(text)}`,
        `Login failed: alice (Remote IP: ${PEER})`,
        asHeaderCarries(text),
      ),
    blame: PEER,
  },
  {
    filter: "nextcloud",
    what: "URL and User-Agent of another message",
    write: (text) =>
      nextcloud(`/s/?${asQueryCarries(text)}`, "Share not found", asHeaderCarries(text)),
  },
  {
    filter: "gitlab",
    what: "user name",
    write: (text) => gitlab(`Failed Login: username=${text} ip=${PEER}`),
    blame: PEER,
  },
  {
    filter: "gitlab",
    what: "name in another message",
    write: (text) => gitlab(`Project "${text}" was removed`),
  },
  {
    filter: "home-assistant",
    what: "URL and User-Agent",
    write: (text) =>
      homeAssistant(PEER, `/${asPathCarries(text)}?${asQueryCarries(text)}`, asHeaderCarries(text)),
    blame: PEER,
  },
  {
    filter: "home-assistant",
    what: "reverse DNS name",
    write: (text) => homeAssistant(text.replace(/[^\w.-]/g, "") || PEER, "/", "curl"),
    blame: PEER,
  },
  {
    filter: "jellyfin",
    what: "user name",
    write: (text) =>
      `[2026-11-21 01:25:16.513 +00:00] [INF] [21] Jellyfin.Server.Implementations.Users.UserManager: Authentication ` +
      `request for "${asSerilogWrites(text)}" has been denied (IP: "${PEER}").`,
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "webmin",
    what: "user name",
    write: (text) => `Non-existent login as ${text} from ${PEER}`,
    inJournal: true,
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "cockpit",
    what: "user that another PAM service names twice",
    write: (text) => pam("vsftpd", text, text),
    inJournal: true,
  },
  {
    filter: "pam",
    what: "user that the service names twice",
    write: (text) => pam("vsftpd", text, text),
    inJournal: true,
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "pam",
    what: "user",
    write: (text) => pam("login", "", text),
    inJournal: true,
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "proxmox",
    what: "user",
    write: (text) =>
      `authentication failure; rhost=${PEER} user=${text}@pve msg=no such user ('${text}@pve')`,
    inJournal: true,
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "proxmox",
    what: "user that was let in",
    write: (text) => `successful auth for user '${text}@pve'`,
    inJournal: true,
  },
  {
    filter: "dropbear",
    what: "client's version",
    write: (text) =>
      `Exit before auth from <${PEER}:37540>: Bad remote version '${asHeaderCarries(text)}'`,
    inJournal: true,
  },
  {
    filter: "xrdp",
    what: "user",
    write: (text) => `[INFO ] AUTHFAIL: user=${text} ip=${PEER} time=1795224552`,
    inJournal: true,
    blame: PEER,
    mayBeMissed: true,
  },
];

/** Web applications and what else logs logins besides servers for mail, web and databases. */
export const placesOfApplications: readonly Place[] = [...logins, ...others];
