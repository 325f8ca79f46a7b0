#!/bin/sh
# Starts banjo with the rights it needs and no others: it may read any file (logs are anywhere), write only its
# state and runtime folders (and what --out, --textfile or --html names), speak only on its own sockets, and start only the programs named here.
# `banjo relay` has rights of its own: it may speak to the hosts that banjo.toml names for messages and read what the agent
# tells; it reads the configuration, writes its own folder, and starts sendmail alone.
# Used where banjo is not one compiled program; then this file is /usr/local/bin/banjo.

lib=/usr/local/lib/banjo
case ${1-} in relay) state=/var/lib/banjo-relay ;; *) state=/var/lib/banjo ;; esac
runtime=/run/banjo
config=/etc/banjo
written=
listen=127.0.0.1:8070
socket=

option=
for word; do
  case $option in
    --state) state=$word ;;
    --runtime) runtime=$word ;;
    --config) config=$word ;;
    --out | --textfile | --html) written=$word ;;
    --listen) listen=$word ;;
    --socket) socket=$word ;;
  esac
  case $word in
    --state=*) state=${word#*=} ;;
    --runtime=*) runtime=${word#*=} ;;
    --config=*) config=${word#*=} ;;
    --out=* | --textfile=* | --html=*) written=${word#*=} ;;
    --listen=*) listen=${word#*=} ;;
    --socket=*) socket=${word#*=} ;;
  esac
  option=$word
done
# A permission names an absolute path.
case $state in /*) ;; *) state=$PWD/$state ;; esac
case $runtime in /*) ;; *) runtime=$PWD/$runtime ;; esac
case $config in /*) ;; *) config=$PWD/$config ;; esac
case $written in '' | /*) ;; *) written=$PWD/$written ;; esac
case $socket in '' | /*) ;; *) socket=$PWD/$socket ;; esac

# What shapes the program is in its folder; what surrounds it does not.
unset DENO_V8_FLAGS
export DENO_DIR="$lib/cache" DENO_NO_UPDATE_CHECK=1
read -r v8_flags <"$lib/v8-flags"
# From --single-threaded on they spare memory, which the agent needs to and these do not: they end soon, and are a
# quarter faster if V8 compiles beside the work and seldom collects garbage.
case ${1-} in test | simulate | tune | report | new-jail) v8_flags=${v8_flags%%,--single-threaded*} ;; esac

deno_run() {
  exec "$lib/deno" run --quiet --no-prompt --no-config --no-lock --no-remote --no-npm --no-code-cache \
    --unstable-net --v8-flags="$v8_flags" --allow-env=NO_COLOR,PAGER,TERM,JOURNAL_STREAM,NOTIFY_SOCKET,WATCHDOG_USEC "$@"
}

case ${1-} in
  relay)
    # One that may speak to nobody says whom it needs to speak to.
    told=$runtime/read.sock
    readable=$config,$state,$told,/etc/hostname
    hosts=$(deno_run --allow-read="$readable" --allow-write="$told" --allow-net="unix:$told" "$lib/program/main.js" "$@" --hosts) || exit
    case $hosts in *[!]a-z0-9.,:_[-]*) hosts= ;; esac
    # Certificates that the administrator trusts count too.
    export DENO_TLS_CA_STORE=mozilla,system
    deno_run --allow-read="$readable" --allow-write="$state,$told" --allow-net="unix:$told${hosts:+,$hosts}" \
      --allow-run=/usr/sbin/sendmail "$lib/program/main.js" "$@"
    ;;
  dashboard)
    # It only reads, and is the one command that listens: there and nowhere else.
    told=$runtime/read.sock
    if [ -n "$socket" ]; then listen=unix:$socket; fi
    deno_run --allow-read="$config,$told,/etc/hostname,/etc/services${socket:+,$socket}" --allow-write="$told${socket:+,$socket}" \
      --allow-net="unix:$told,$listen" "$lib/program/main.js" "$@"
    ;;
esac

deno_run \
  --allow-read \
  --allow-write="$state,$runtime,/run/systemd/notify${written:+,$written,$written.new}" \
  --allow-net="unix:$runtime/control.sock,unix:$runtime/report.sock,unix:$runtime/read.sock,unix:$runtime/notify.sock,unix:/run/systemd/notify" \
  --allow-run=/usr/bin/journalctl,/usr/bin/less,/usr/sbin/nft,/usr/sbin/ufw,/usr/bin/getent,/usr/bin/ip \
  --allow-sys=networkInterfaces \
  "$lib/program/main.js" "$@"
