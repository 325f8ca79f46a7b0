/** The access log of a busy nginx, of which one line in a hundred is a page that does not exist. */
import { LogWriter } from "./log_writer.ts";
import { Random } from "./random.ts";

/**
 * Writes so many lines in nginx's `combined` format, the last ones of 2026-11-20. Of `missingIn` one is a page that does
 * not exist; Infinity: none.
 */
export function writeAccessLog(path: string, lines: number, missingIn = 100, seed = 404): void {
  const random = new Random(seed);
  using log = new LogWriter(path);
  for (let line = 0; line < lines; line++) {
    const date = nginxDate(LAST - (lines - line) * 40);
    log.line(isOne(random, missingIn) ? missing(random, date) : present(random, date));
  }
}

function isOne(random: Random, of: number): boolean {
  return of !== Infinity && random.onceIn(of);
}

const LAST = Date.UTC(2026, 10, 21);
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const AGENTS = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "curl/8.14.1",
  "-",
];

const PAGES = [
  "/",
  "/index.html",
  "/blog/",
  "/blog/what-404-means-and-403-does-not",
  "/static/css/site.4d1f404a.css",
  "/static/js/app.bundle.403f9e21.js",
  "/images/404.png",
  "/api/v1/orders/404",
  "/api/v1/search?q=error+404+not+found&page=2&sort=relevance",
  "/favicon.ico",
];

const REFERERS = [
  "-",
  "-",
  "https://example.org/",
  "https://example.org/blog/404",
  "https://www.google.com/",
];
const STATUSES = [200, 200, 200, 200, 200, 200, 206, 301, 304, 304];
const PROBES = [
  "/wp-login.php",
  "/.env",
  "/xmlrpc.php",
  "/admin/config.php",
  "/.git/config",
  "/old-page.html",
];

/** An answered request, with near misses all over: 404 in the path, the size, the referer. */
function present(random: Random, date: string): string {
  const size = random.onceIn(50) ? 404 : random.below(90_000);
  const page = random.onceIn(3)
    ? `/products/${random.below(100_000)}?ref=${random.below(1e9)}`
    : random.pick(PAGES);
  return line(random, date, page, random.pick(STATUSES), size);
}

function missing(random: Random, date: string): string {
  return line(random, date, random.pick(PROBES), 404, 146 + random.below(20));
}

function line(random: Random, date: string, page: string, status: number, size: number): string {
  const address = random.onceIn(5) ? random.ipv6(2000) : random.ipv4(20_000);
  const method = random.onceIn(8) ? "POST" : "GET";
  return `${address} - - [${date}] "${method} ${page} HTTP/1.1" ${status} ${size} ` +
    `"${random.pick(REFERERS)}" "${random.pick(AGENTS)}"`;
}

function nginxDate(time: number): string {
  const date = new Date(time);
  const day = String(date.getUTCDate()).padStart(2, "0");
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${
    date.toISOString().slice(11, 19)
  } +0000`;
}
