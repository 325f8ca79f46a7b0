#!/bin/sh
# Runs all tests, and installs what they need: sudo ./tests/run.sh [--long] [FILE...]
# The last line is `N passed, N failed`. Without root, what needs it is skipped and says so. --long tries hundreds of runs
# with faults, a hundred thousand cases for every parser, and an hour of load (SOAK=N: of N minutes): it takes hours.
set -eu

PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# Users without rights, whom some tests are, read what root wrote.
umask 022
cd "$(dirname "$0")/.."
# shellcheck source=packaging/setup.sh
. packaging/setup.sh

main() {
  if [ "${1-}" = --long ]; then
    export BANJO_LONG=1
    shift
  fi
  if [ "$(id -u)" = 0 ]; then
    without_services need nft=nftables ufw=ufw systemd-nspawn=systemd-container \
      /lib/systemd/systemd-journal-remote=systemd-journal-remote sshd=openssh-server ssh=openssh-client \
      sshpass=sshpass nginx=nginx-light fail2ban-regex=fail2ban ip=iproute2 curl=curl \
      faketime=faketime \
      php=php-cli node=nodejs uvicorn=uvicorn /usr/lib/python3/dist-packages/fastapi=python3-fastapi socat=socat caddy=caddy jq=jq \
      bash=bash zsh=zsh fish=fish man=man-db less=less script=bsdutils tmux=tmux promtool=prometheus \
      chromium-headless-shell=chromium-headless-shell
  fi
  get_deno "$PWD/dist"

  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  status=0
  [ $# -gt 0 ] || set -- tests
  # The pipe's own status is tee's.
  {
    DENO_NO_UPDATE_CHECK=1 "$deno" test --frozen --allow-all --v8-flags="$(cat packaging/v8-flags)" "$@" 2>&1 </dev/null ||
      echo $? >"$log.status"
  } | tee "$log"
  if [ -e "$log.status" ]; then
    status=$(cat "$log.status")
    rm "$log.status"
  fi
  verdict "$status"
}

# verdict STATUS: reads Deno's own count; no count, as when a test file does not compile, is a failure too.
verdict() {
  count=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | sed -n 's/^.* | \([0-9]* passed\).* | \([0-9]* failed\).*$/\1, \2/p' | tail -n 1)
  case $1,$count in
    0,*) ;;
    *,*" 0 failed" | *,) count="${count%%,*}" count="${count:-0 passed}, 1 failed" ;;
  esac
  echo "$count"
  exit "$1"
}

# without_services COMMAND...: what apt installs meanwhile does not start.
without_services() {
  policy=/usr/sbin/policy-rc.d
  if [ -e $policy ]; then
    "$@"
    return
  fi
  trap 'rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
  "$@"
  rm $policy
  trap - EXIT
}

main "$@"
