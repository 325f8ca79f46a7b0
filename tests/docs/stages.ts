/** What the reader of a page has on his server before, and what must have come of it. */

/** Shell scripts around a page. */
export interface Stage {
  readonly before?: string;
  /** Done from the host `attacker` when the page has been followed; it must get that banned by `jail`. */
  readonly attack?: { readonly script: string; readonly jail: string };
  /** What is so in the end. */
  readonly after?: string;
  /** Ends what the page has started. */
  readonly cleanUp?: string;
}

const CURL = "curl --silent --output /dev/null --max-time 2";

/** By page. */
export const stages: Readonly<Record<string, Stage>> = {
  "README.md": {
    before: `mkdir -p /var/log/my-app && banjo ban 192.0.2.7 &&
      echo "$(date -Is) 192.0.2.7 alice Incorrect token used." >/var/log/my-app/app.log`,
  },
  "docs/applications.md": {
    after: `set -e
      banjo reload
      usermod -aG banjo-report www-data
      cd / && setpriv --reuid=www-data --regid=www-data --init-groups banjo attempt my-app 192.0.2.7
      banjo explain 192.0.2.7 | grep -F 'reported: a failure'
      ! setpriv --reuid=www-data --regid=www-data --clear-groups banjo attempt my-app 192.0.2.7`,
  },
  "docs/blocklists.md": {
    before: "systemctl start banjo-relay || true",
    after: `set -e
      nft list table inet banjo-lists | grep -F 203.0.113.7
      banjo blocklist list | grep -E '^neighbours +2 '
      printf '198.51.100.9\\n' >/run/fetched.txt
      systemd-run --unit=publisher --working-directory=/run python3 -m http.server --bind 127.0.0.1 9001
      banjo blocklist add http://127.0.0.1:9001/fetched.txt
      systemctl restart banjo-relay
      timeout 60 sh -c 'until nft list table inet banjo-lists | grep -F 198.51.100.9; do sleep 0.1; done'
      banjo blocklist remove fetched && banjo blocklist remove neighbours
      ! nft list table inet banjo-lists`,
    cleanUp: "systemctl stop banjo-relay publisher",
  },
  "docs/caddy.md": {
    attack: {
      script: `for i in $(seq 30); do ${CURL} http://192.0.2.1/.env-$i || true; done`,
      jail: "caddy-404",
    },
    cleanUp: "systemctl stop caddy",
  },
  "docs/coming-from-fail2ban.md": {
    // A server that fail2ban guards, in the midst of a ban.
    before:
      `echo "$(date '+%b %e %T') server sshd[7]: Failed password for root from 198.51.100.66 port 22 ssh2" >/var/log/auth.log
      chgrp adm /var/log/auth.log && chmod 640 /var/log/auth.log
      printf '[DEFAULT]\\nbanaction = nftables\\n[sshd]\\nmaxretry = 3\\nbantime = 1d\\n' >/etc/fail2ban/jail.local
      fail2ban-server start
      timeout 60 sh -c 'until fail2ban-client status sshd; do sleep 0.1; done'
      fail2ban-client set sshd banip 198.51.100.66
      timeout 60 sh -c 'until fail2ban-client status sshd | grep -F 198.51.100.66; do sleep 0.1; done'
      fail2ban-server stop`,
    after: "banjo bans --json --jail sshd | grep -F 198.51.100.66",
    cleanUp: "rm -r /etc/banjo.before /etc/fail2ban/jail.local /var/log/auth.log",
  },
  "docs/fastapi.md": {
    attack: {
      // The service has just been started, and may not listen yet.
      script: `for i in 1 2 3 4 5; do
        ${CURL} --retry 100 --retry-delay 1 --retry-connrefused --request POST "http://192.0.2.1:8000/login?user=x&password=$i"
      done`,
      jail: "shop",
    },
    cleanUp: "systemctl disable --now shop",
  },
  "docs/filters.md": {
    before:
      `echo '2026-11-21T01:29:12+00:00 192.0.2.7 alice Incorrect token used.' >/var/log/my-app.log
      for i in 1 2 3 4; do
        echo "$(date -Is) login failed for eve from 198.51.100.$i"
      done >/var/log/front-door.log
      systemd-run --quiet --wait --unit=back-door cut --delimiter=' ' --fields=2- /var/log/front-door.log`,
  },
  "docs/monitoring.md": {
    before: "mkdir -p /var/lib/prometheus/node-exporter",
    after: `systemctl start banjo-metrics
      grep -F 'banjo_healthy 1' /var/lib/prometheus/node-exporter/banjo.prom`,
    cleanUp: "systemctl disable --now banjo-metrics.timer",
  },
  "docs/notifications.md": {
    // A server of the administrator's own takes the messages.
    before: `cat >/run/receiver.py <<'END'
import http.server
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with open("/run/messages", "ab") as file:
            file.write(body + b"\\n")
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", 9000), Receiver).serve_forever()
END
      rm -f /run/messages
      systemd-run --unit=receiver python3 /run/receiver.py`,
    after: `set -e
      timeout 60 sh -c 'until journalctl --unit=banjo-relay | grep -F "relays to phone, office"; do sleep 0.1; done' || { journalctl -u banjo-relay -n 30 >&2; false; }
      printf '[notify.own]\\nkind = "webhook"\\nurl = "http://127.0.0.1:9000/"\\n' >/etc/banjo/banjo.toml
      rm /etc/systemd/system/banjo-relay.service.d/relay-mail.conf && systemctl daemon-reload
      systemctl restart banjo-relay
      banjo relay --test && grep -F 'a test' /run/messages
      timeout 60 sh -c 'until [ -e /var/lib/banjo-relay/notify-own.json ]; do sleep 0.1; done' || { journalctl -u banjo-relay >&2; ls -la /run/banjo >&2; false; }
      banjo ban 192.0.2.77
      timeout 60 sh -c 'until grep -F 192.0.2.77 /run/messages; do sleep 0.1; done'
      [ "$(stat -c %U "/proc/$(systemctl show -P MainPID banjo-relay)")" = banjo-relay ]
      systemd-analyze security banjo-relay --no-pager | tail -n 1 | grep -E ' (0|1\\.[0-9])'`,
    cleanUp: "systemctl disable --now banjo-relay && systemctl stop receiver",
  },
  "docs/php.md": {
    attack: {
      script: `systemd-run --unit=portal --uid=www-data php -S 0.0.0.0:8080 -t /srv/portal
        for i in 1 2 3 4 5; do
          ${CURL} --retry 100 --retry-delay 1 --retry-connrefused --data token=$i http://192.0.2.1:8080/login.php
        done`,
      jail: "portal",
    },
    cleanUp: "systemctl stop portal",
  },
  "docs/reports.md": {
    before: "banjo ban 192.0.2.7",
    after: `systemctl start banjo-report
      grep -F 192.0.2.7 /var/lib/banjo/report.html
      stat --format %G /run/banjo/read.sock | grep -x banjo-read
      curl --silent --fail --retry 100 --retry-delay 1 --retry-connrefused http://127.0.0.1:8070/metrics | grep -F 'banjo_up 1'
      curl --silent --fail http://127.0.0.1:8070/ | grep -F 192.0.2.7
      curl --silent --fail --header "X-Banjo-Token: $(cat /etc/banjo/dashboard.token)" --data '{"host": "192.0.2.7"}' \
        http://127.0.0.1:8070/unban | grep -F 'is let in again'
      rm -r /etc/systemd/system/banjo-dashboard.service.d && systemctl daemon-reload && systemctl restart banjo-dashboard
      socket=/run/banjo-dashboard/http.sock
      until stat --format '%U %G %a' $socket | grep -x 'banjo-dashboard banjo-read 660'; do sleep 0.1; done
      curl --silent --fail --unix-socket $socket http://localhost/metrics | grep -F 'banjo_up 1'
      systemd-analyze security banjo-dashboard --no-pager | tail -n 1 | grep -E 'service: (0|1)[.][0-9] '`,
    cleanUp: "systemctl disable --now banjo-report.timer banjo-dashboard",
  },
  "docs/state.md": {
    // What is ordered is acknowledged once it is in the log of orders, and comes to these files with the next save.
    before: `banjo ban 192.0.2.7
      cd /var/lib/banjo
      timeout 60 sh -c 'until [ -s state.json ] && grep -F 192.0.2.7 history.jsonl; do sleep 0.1; done'`,
  },
};

/** Lines of examples that are not run, and why. */
export const notRun: ReadonlyMap<string, string> = new Map([
  ["sudo ./install.sh", "this is how the server came to banjo, and tests/install tries all of it"],
  ["./install.sh --try", "tests/install does, as a user without rights"],
  [
    "banjo top                     # all of it live, full screen",
    "it wants a terminal, and somebody who leaves it: tests/cli/top does both",
  ],
  ["sudo ./tests/run.sh", "it runs this test"],
  [
    "banjo relay --test",
    "ntfy.sh is out of reach there; the page's stage and tests/relay send elsewhere",
  ],
  [
    "ssh -L 8070:/run/banjo-dashboard/http.sock root@server.example",
    "it begins on another machine; the socket is asked on the server",
  ],
  [
    "banjo dashboard --listen 127.0.0.1:8070",
    "it runs until it is ended; the service does the same",
  ],
  [
    "docker run --detach --log-driver=journald --name=web --publish=8080:80 nginx",
    "there is no Docker on the server; that a published port is closed is tried in tests/e2e",
  ],
]);
