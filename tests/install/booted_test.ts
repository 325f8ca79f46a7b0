/** install.sh on a whole server, from the first start to the last trace. The server has no network but its own. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Outcome } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { type Server, serverPrograms } from "../server.ts";
import { addHosts, eventually, filledCache, install, newServer, SERVER } from "./server.ts";

const ATTACKER = "198.51.100.66";
const FRIEND = "203.0.113.7";

const programs = [...serverPrograms, "nft", "ufw", "sshd", "ssh", "sshpass", "curl"];

testAsRoot(
  "install.sh makes a server guard itself, and leaves it as it was",
  { programs },
  async (t) => {
    await using cache = await filledCache();
    await using server = await newServer(cache.path);
    const { run, must } = server;
    const bare = await traces(server);
    await addNeighbours(server);

    await t.step("an unknown option is wrong usage", async () => {
      const { code, stderr } = await run("/root/banjo/install.sh --fast");
      assertEquals(code, 2);
      assertStringIncludes(stderr, "no such option: --fast");
    });

    await t.step("without root it says how to get it", async () => {
      const { code, stderr } = await run(`${AS_NOBODY} /root/banjo/install.sh`);
      assertEquals(code, 1);
      assertStringIncludes(stderr, "sudo");
    });

    await t.step("what cannot be installed is named, with the step", async () => {
      await must(
        "cp /usr/sbin/nft /run/nft && dpkg --purge --force-depends nftables && rm -r /etc/apt/sources.list* /var/cache/apt/archives",
      );
      const { code, stderr } = await run("/root/banjo/install.sh");
      await must("cp /run/nft /usr/sbin/nft");
      assertEquals(code, 1);
      assertStringIncludes(stderr, "apt cannot install nftables");
      assertStringIncludes(stderr, "stopped at the packages");
    });

    await t.step("where Deno cannot be had it says what to bring", async () => {
      await must("rm /usr/local/bin/deno");
      const { code, stderr } = await run("npm_config_fetch_retries=0 /root/banjo/install.sh");
      await must("ln -s /opt/deno /usr/local/bin/deno");
      assertEquals(code, 1);
      assertMatch(stderr, /put it at \/usr\/local\/bin\/deno, then run this again/);
      assertEquals(await traces(server), bare);
    });

    await t.step("--try replays the logs, and writes nothing elsewhere", async () => {
      await must(
        "cp -r /root/banjo /home/try && mkdir /home/try/dist && cp -r /root/cache /home/try/dist/.deno",
      );
      await must("chown -R nobody /home/try && sleep 0.01 && touch /run/mark");
      const { code, stdout, stderr } = await run(
        // On a terminal, as it is read.
        `cd / && ${AS_READER} env -u HOME script -qec '/home/try/install.sh --try' /dev/null </dev/null`,
      );
      assertEquals(code, 0, stdout + stderr);
      assertMatch(stdout, /ban/);
      // Its own exit code does not count: what others do away with meanwhile it cannot look at.
      const { stdout: written } = await run(
        "find / -xdev -newer /run/mark -user nobody -not -path '/home/try/dist*' -not -path '/proc/*'",
      );
      assertEquals(written, "");
      await must("rm -r /home/try");
    });

    await t.step("--no-start installs and stops there", async () => {
      // The true stub of Deno's cannot be had here; this one compiles to what does not run.
      assertStringIncludes(
        await install(server, "--no-start", "DENORT_BIN=/bin/false"),
        "it does not run here",
      );
      assertEquals((await run("systemctl is-active banjo")).stdout, "inactive\n");
      const { code, stderr } = await run("banjo status");
      assertEquals(code, 1);
      assertStringIncludes(stderr, "/run/banjo/control.sock");
    });

    await t.step("the second run starts the agent, with the sshd jail on", async () => {
      await install(server);
      assertEquals((await must("systemctl is-enabled banjo")).trim(), "enabled");
      const { enabled } = JSON.parse(await must("banjo status sshd --json"));
      assertEquals(enabled, true);
      assertEquals(await must("stat -c '%U %G %a' /run/banjo/control.sock"), "banjo banjo 660\n");
      assertEquals(await must("stat -c '%U %G %a' /run/banjo/read.sock"), "banjo banjo-read 660\n");
      assertEquals(await must("stat -c '%U %a' /var/lib/banjo"), "banjo 700\n");
    });

    await t.step(
      "an upgrade opens folders that are closed, and tells what is still amiss",
      async () => {
        await must("cd /etc/banjo && chmod 750 . jails filters /usr/local/lib/banjo");
        await must("chmod 640 /etc/banjo/jails/sshd.toml");
        assertMatch(await install(server), /^ {2}warning +degraded: /m);
        await must("chmod 644 /etc/banjo/jails/sshd.toml");
        assertEquals((await install(server)).includes("warning"), false);
        await must("banjo status sshd");
      },
    );

    await t.step("the agent has one right, and its exposure is at most 1.3", async () => {
      const status = await must("cat /proc/$(systemctl show -P MainPID banjo)/status");
      for (const set of ["CapPrm", "CapEff", "CapBnd"]) {
        assertMatch(
          status,
          new RegExp(`^${set}:\\s+0000000000001000$`, "m"),
          "CAP_NET_ADMIN alone",
        );
      }
      assertMatch(status, /^NoNewPrivs:\s+1$/m);
      const verdict = await must("systemd-analyze security banjo --no-pager | tail -n 1");
      const exposure = Number(/level for banjo\.service: ([\d.]+)/.exec(verdict)?.[1]);
      assertEquals(exposure <= 1.3, true, verdict);
    });

    await t.step("its regular expressions take linear time", async () => {
      // A backtracking engine doubles its time with every letter: 15 s for 28 of them, days for these.
      const { code } = await run(
        `timeout 60 banjo test "$(printf %50s | tr ' ' a) 192.0.2.7" '^(?:a+)+\\d <HOST>$'`,
      );
      assertEquals(code, 1);
    });

    await t.step("wrong passwords over SSH get an address banned, and no other", async () => {
      assertMatch((await guess(server, FRIEND)).stderr, /Permission denied/);
      await Promise.all(Array.from({ length: 5 }, () => guess(server, ATTACKER)));
      await eventually(server, `banjo bans --json | grep -F ${ATTACKER}`);
      await assertBanned(server);
      const bans = (await must("banjo bans --json")).trim().split("\n").map((line) =>
        JSON.parse(line)
      );
      assertEquals(bans.map(({ jail, host }) => [jail, host]), [["sshd", ATTACKER]]);
    });

    await t.step("systemd knows how it is, and starts an agent anew that hangs", async () => {
      assertEquals((await must("systemctl show -P StatusText banjo")).trim(), "healthy");
      await must(`mkdir -p /run/systemd/system/banjo.service.d &&
      printf '[Service]\\nWatchdogSec=2s\\n' >/run/systemd/system/banjo.service.d/hang.conf &&
      systemctl daemon-reload && systemctl restart banjo`);
      const pid = (await must("systemctl show -P MainPID banjo")).trim();
      // It is alive for longer than systemd waits for a word of it.
      await must(`sleep 5 && test ${pid} = "$(systemctl show -P MainPID banjo)"`);
      await must(`kill -STOP ${pid}`);
      await eventually(server, `! test -d /proc/${pid} && banjo bans --json | grep -F ${ATTACKER}`);
      assertStringIncludes(await must("journalctl --no-pager -u banjo"), "Watchdog timeout");
      await must(
        "rm -r /run/systemd/system/banjo.service.d && systemctl daemon-reload && systemctl restart banjo",
      );
      await assertBanned(server);
    });

    await t.step("who has logged in is spared, and that is told", async () => {
      await must("useradd -m guest && echo guest:secret | chpasswd");
      const login = `${on(FRIEND)} sshpass -p secret ssh -o StrictHostKeyChecking=no \\
        -o UserKnownHostsFile=/dev/null -o PreferredAuthentications=password guest@${SERVER}`;
      await must(`${login} true`);
      await Promise.all(Array.from({ length: 6 }, () => guess(server, FRIEND)));
      await eventually(server, `banjo status | grep -F 'sshd spared ${FRIEND}'`);
      assertStringIncludes(await must("banjo status"), "for it logged in at ");
      await assertBanned(server);
      // Nobody but sshd's own words count: a user's do not.
      await must(`su -s /bin/sh guest -c "logger -t sshd \\
        'Accepted password for root from 198.51.100.99 port 22 ssh2'"`);
      const { code } = await run("banjo ban 198.51.100.99 && banjo unban 198.51.100.99");
      assertEquals(code, 0, "198.51.100.99 is trusted");
      // While he is logged in, he is spared even after the hours that a login counts.
      await must(`(${login} sleep 300 >/dev/null 2>&1 &)`);
      await eventually(
        server,
        `banjo ban ${FRIEND} 2>&1 | grep -F 'is logged in; if you mean it, add --force'`,
      );
    });

    await t.step("that journald dropped entries under a flood is told", async () => {
      await must(
        `systemd-run --quiet --wait --unit=flood -p LogRateLimitIntervalSec=1s -p LogRateLimitBurst=10 \\
        sh -c 'for i in $(seq 100); do echo flood; done; sleep 2; echo over'`,
      );
      await eventually(
        server,
        "banjo status | grep '^degraded: journald: Suppressed .* from flood.service'",
      );
      await must("systemctl restart banjo");
    });

    await t.step("the ban stands while the agent is stopped, restarted and killed", async () => {
      await must("systemctl stop banjo");
      await assertBanned(server);
      await must("systemctl start banjo");
      await eventually(server, `banjo bans --json | grep -F ${ATTACKER}`);
      await must("systemctl kill --signal=KILL banjo");
      await eventually(server, `banjo bans --json | grep -F ${ATTACKER}`);
      await assertBanned(server);
    });

    await t.step("an upgrade keeps the ban and every edited file", async () => {
      await must(
        "echo 'maxretry = 4' >>/etc/banjo/jails/sshd.toml && echo '# mine' >>/etc/banjo/banjo.toml",
      );
      const before = await must("sha256sum /etc/banjo/banjo.toml /etc/banjo/jails/*");
      await install(server);
      assertEquals(await must("sha256sum /etc/banjo/banjo.toml /etc/banjo/jails/*"), before);
      await assertBanned(server);
      assertStringIncludes(await must("banjo bans --json"), ATTACKER);
    });

    await t.step(
      "manual pages, completions and schemas are where they are looked for",
      async () => {
        assertStringIncludes(await must("MANWIDTH=80 man banjo-bans | cat"), "NAME");
        const files = [
          "share/man/man5/banjo.toml.5",
          "share/man/man5/banjo-jails.5",
          "share/bash-completion/completions/banjo",
          "share/zsh/site-functions/_banjo",
          "share/fish/vendor_completions.d/banjo.fish",
          "share/banjo/schema/jails.json",
        ];
        for (const file of files) await must(`test -s /usr/local/${file}`);
        // Editors follow these.
        await must(
          "sed -n 's|^#:schema file://||p' /etc/banjo/banjo.toml /etc/banjo/jails/* | xargs --no-run-if-empty stat",
        );
        await must("bash -n /usr/local/share/bash-completion/completions/banjo");
      },
    );

    await t.step("metrics are written where they are to go, and nowhere else", async () => {
      await must("cd /var/tmp && banjo metrics --textfile figures.prom");
      assertStringIncludes(await must("cat /var/tmp/figures.prom"), "\nbanjo_healthy 1\n");
      await must("rm /var/tmp/figures.prom");
    });

    await t.step("the dashboard shows who was banned, by its socket", async () => {
      await must("systemctl start banjo-dashboard");
      const ask = "curl -s --unix-socket /run/banjo-dashboard/http.sock http://localhost/";
      await eventually(server, `${ask} | grep -F ${ATTACKER}`);
      await must("systemctl stop banjo-dashboard");
    });

    await t.step(
      "a downgrade finds a state of a later format, and goes on with the bans",
      async () => {
        await must(
          'systemctl stop banjo && sed -i \'s/^{"version":1/{"version":2/\' /var/lib/banjo/state.json',
        );
        await must("grep -q '^{\"version\":2' /var/lib/banjo/state.json && systemctl start banjo");
        await assertBanned(server);
        assertStringIncludes(await must("banjo bans --json"), ATTACKER);
        await must("ls /var/lib/banjo/state.json.newer-*");
      },
    );

    await t.step("--uninstall takes the program and leaves settings, state and bans", async () => {
      const words = await must("/root/banjo/install.sh --uninstall");
      assertStringIncludes(words, "nft delete table inet banjo lifts them");
      assertEquals(words.includes("ufw"), false);
      assertEquals((await run("command -v banjo")).stdout, "");
      assertEquals((await run("systemctl cat banjo")).code, 1);
      await must("test -e /etc/banjo/banjo.toml && test -e /var/lib/banjo/state.json");
      await assertBanned(server);
    });

    await t.step("installed again, it knows its bans", async () => {
      await install(server);
      assertStringIncludes(await must("banjo bans --json"), ATTACKER);
    });

    await t.step("a jail file that was removed stays away", async () => {
      await must("rm /etc/banjo/jails/sshd.toml");
      await install(server);
      assertEquals((await run("ls /etc/banjo/jails")).stdout, "");
    });

    await t.step("with its drop-in, ufw bans and unbans", async () => {
      await must(`mkdir -p /etc/systemd/system/banjo.service.d &&
      cp /usr/local/share/banjo/ufw.conf /etc/systemd/system/banjo.service.d/ &&
      sed -i 's/^# firewall = .*/firewall = "ufw"/' /etc/banjo/banjo.toml &&
      ufw allow 22 && ufw --force enable && systemctl daemon-reload && systemctl restart banjo`);
      await eventually(server, "banjo status");
      await must(`banjo ban ${ATTACKER}`);
      await eventually(server, `ufw status | grep -F ${ATTACKER}`);
      assertEquals(await reaches(server, ATTACKER), false);
      assertEquals(await reaches(server, FRIEND), true);
      await must(`banjo unban ${ATTACKER}`);
      await eventually(server, `! ufw status | grep -F ${ATTACKER}`);
      await must(`banjo ban ${ATTACKER}`);
      await eventually(server, `ufw status | grep -F ${ATTACKER}`);
    });

    await t.step("--uninstall tells that bans stay in ufw for good", async () => {
      const words = await must("/root/banjo/install.sh --uninstall");
      assertStringIncludes(words, "bans in ufw, where they do not end");
      assertStringIncludes(await must("ufw show added"), ATTACKER);
    });

    await t.step("--purge leaves nothing, and the door open", async () => {
      await install(server);
      await must("/root/banjo/install.sh --purge");
      assertEquals(await traces(server), bare);
      assertEquals(await reaches(server, ATTACKER), true);
    });

    await t.step(
      "--purge takes bans out of ufw also without an agent, and nothing else",
      async () => {
        await must(`ufw prepend deny from ${ATTACKER} comment 'banjo sshd'`);
        await must("/root/banjo/install.sh --purge");
        assertEquals(await traces(server), bare);
        assertEquals(await reaches(server, ATTACKER), true);
        assertStringIncludes(await must("ufw show added"), "ufw allow 22\n");
      },
    );

    await t.step(
      "without systemd the agent runs in the foreground, with the same rights",
      async () => {
        const script = `mount -t tmpfs none /run/systemd
      DENO_DIR=/root/cache /root/banjo/install.sh >/run/foreground.log 2>&1 & agent=$!
      until banjo bans >/dev/null 2>&1; do sleep 0.1; done
      grep -E '^(Uid|CapEff):' /proc/$agent/status; banjo stop; wait $agent`;
        const status = await must(
          `timeout 60 unshare --mount sh -c "${script.replaceAll("$", "\\$")}"`,
        );
        assertMatch(status, /^CapEff:\s+0000000000001000$/m);
        assertMatch(status, new RegExp(`^Uid:\\s+${(await must("id -u banjo")).trim()}\\s`, "m"));
        assertStringIncludes(await must("cat /run/foreground.log"), "foreground");
        await must("/root/banjo/install.sh --purge");
      },
    );
  },
);

/** Somebody who may read logs, and nothing else. */
const AS_READER = "setpriv --reuid=nobody --regid=nogroup --groups=adm,systemd-journal";
const AS_NOBODY = "setpriv --reuid=nobody --regid=nogroup --clear-groups";

/** Two hosts beside the server, and an SSH server that takes passwords. */
async function addNeighbours(server: Server): Promise<void> {
  await addHosts(server, { attacker: ATTACKER, friend: FRIEND });
  await server.must(`ssh-keygen -q -A &&
    printf 'PasswordAuthentication yes\\nUsePAM yes\\nMaxStartups 50\\nUseDNS no\\n' >/etc/ssh/sshd_config &&
    systemctl restart ssh`);
}

/** What runs a command on the host with an address. */
function on(address: string): string {
  return `ip netns exec ${address === ATTACKER ? "attacker" : "friend"}`;
}

/** One try at the server's SSH with a wrong password. */
function guess(server: Server, from: string): Promise<Outcome> {
  return server.run(
    `ip netns exec ${from === ATTACKER ? "attacker" : "friend"} sshpass -p wrong ssh \\
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=2 \\
    -o PreferredAuthentications=password -o NumberOfPasswordPrompts=1 nobody-here@${SERVER} true`,
  );
}

/** The attacker is in the kernel's set and gets no answer; the friend does. */
async function assertBanned(server: Server): Promise<void> {
  assertStringIncludes(await server.must("nft list table inet banjo"), ATTACKER);
  assertEquals(await reaches(server, ATTACKER), false, "the attacker reaches the server");
  assertEquals(await reaches(server, FRIEND), true, "the friend reaches the server");
}

/** Whether a host gets an answer from the server's SSH. */
async function reaches(server: Server, from: string): Promise<boolean> {
  const { stdout } = await server.run(`${on(from)} ssh-keyscan -T 2 ${SERVER}`);
  return stdout.includes("ssh-");
}

/** What of banjo is on the server, outside the folders that the test brought. */
async function traces(server: Server): Promise<string> {
  return (await server.run(`
    find / -xdev -iname '*banjo*' -not -path '/proc/*' -not -path '/root/*' -not -path '/opt/*'
    getent passwd banjo; getent group banjo
    nft list tables | grep banjo; ufw show added | grep banjo`)).stdout;
}
