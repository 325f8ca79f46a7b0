#!/bin/sh
# Installs banjo on this server, upgrades it, or takes it away. `./install.sh --help` says more.
set -eu

PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# On hardened servers root's files and folders are closed to others, and the agent is another user.
umask 022
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=packaging/setup.sh
. "$here/packaging/setup.sh"

bin=/usr/local/bin/banjo
lib=/usr/local/lib/banjo
share=/usr/local/share/banjo
man=/usr/local/share/man
bash_completion=/usr/local/share/bash-completion/completions/banjo
zsh_completion=/usr/local/share/zsh/site-functions/_banjo
fish_completion=/usr/local/share/fish/vendor_completions.d/banjo.fish
units=/usr/local/lib/systemd/system
drop_ins=/etc/systemd/system/banjo.service.d
relay_drop_ins=/etc/systemd/system/banjo-relay.service.d
relay_state=/var/lib/banjo-relay
config=/etc/banjo
state=/var/lib/banjo
runtime=/run/banjo
cache=/var/cache/banjo

main() {
  action=install
  start=yes
  for word; do
    case $word in
      --no-start) start=no ;;
      --uninstall | --purge | --try) action=${word#--} ;;
      --help | -h)
        usage
        exit
        ;;
      *)
        printf 'install.sh: no such option: %s\n\n' "$word" >&2
        usage >&2
        exit 2
        ;;
    esac
  done
  choose_colours
  trap 'leave $?' EXIT
  case $action in
    try) try_here ;;
    *)
      step "the rights"
      [ "$(id -u)" = 0 ] || fail "this needs root: sudo $0 $*"
      "$action"
      ;;
  esac
}

usage() {
  cat <<'END'
Usage: sudo ./install.sh [OPTION]

Installs banjo on this Debian or Ubuntu server and starts it, guarding sshd. Run it again to upgrade:
your configuration stays as it is, and bans stay in force.

  --no-start    install, but do not start the service
  --uninstall   remove the program and the service; keep configuration, state and bans
  --purge       remove everything, bans included
  --try         no root needed: replay this machine's own logs and show who would have been banned;
                touches nothing outside this folder
  --help        print this
END
}

install() {
  title "Installing banjo $(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$here/deno.json")"

  step "the packages"
  need nft=nftables
  told nftables "$(nft --version | cut -d' ' -f2)"

  step "Deno"
  work=$(mktemp -d)
  get_deno "$work"
  told deno "$deno_version, $deno_origin"

  step "the build"
  export DENO_DIR="${DENO_DIR:-$cache}"
  bundle "$work"
  # A compiled program has the same permissions (deno.json) whichever command it runs: wide ones, as some write or speak
  # where they are told to. It is the unit then that holds the agent to its folders. The launcher of a bundle gives each
  # command only what it needs.
  if compile "$work"; then
    told build "one program"
  else
    told build "a bundle, beside the Deno executable in $lib: $not_compiled"
  fi

  step "the files"
  add_user
  open_folders
  put_program "$work"
  told program "$bin"
  put_documents
  put_configuration
  put_unit

  step "the start"
  if [ -d /run/systemd/system ]; then
    start_service
  else
    start_here
  fi
}

# bundle FOLDER: puts all of banjo into `program` there: main.js, and parts of which each is loaded once it is needed.
# In one file the agent would hold 4 MB of what only other commands need.
bundle() {
  build_words=$(rm -rf "$1/program" && deno_task bundle --outdir "$1/program") || {
    printf '%s\n' "$build_words" >&2
    fail "deno bundle did not work: its words are above"
  }
}

# compile FOLDER: makes the program `banjo` there from the bundle; false, with the reason in not_compiled, where Deno's
# stub for it cannot be had, or does not run here.
compile() {
  if build_words=$(deno_task compile --output "$1/banjo" "$1/program/main.js"); then
    run_words=$("$1/banjo" version 2>&1 | sed -n 1p)
    case $run_words in "banjo "*) return ;; esac
    rm "$1/banjo"
    not_compiled="compiled to one program it does not run here${run_words:+ ($run_words)}"
    return 1
  fi
  not_compiled="the stub that makes it one program (denort) cannot be downloaded from here"
  case $build_words in *denort*) return 1 ;; esac
  printf '%s\n' "$build_words" >&2
  fail "deno compile did not work: its words are above"
}

deno_task() (
  cd "$here" && NO_COLOR=1 DENO_NO_UPDATE_CHECK=1 "$deno" task --quiet "$@" 2>&1
)

add_user() {
  getent group banjo >/dev/null || groupadd --system banjo
  getent group banjo-read >/dev/null || groupadd --system banjo-read
  getent group banjo-report >/dev/null || groupadd --system banjo-report
  getent passwd banjo >/dev/null ||
    useradd --system --gid banjo --home-dir "$state" --no-create-home --shell /usr/sbin/nologin banjo
  getent group banjo-relay >/dev/null || groupadd --system banjo-relay
  getent passwd banjo-relay >/dev/null ||
    useradd --system --gid banjo-relay --home-dir "$relay_state" --no-create-home --shell /usr/sbin/nologin banjo-relay
}

# A folder of ours that is closed to others, and of no group but root's, the agent cannot enter: a narrow umask left it so.
open_folders() {
  for folder in "$lib" "$lib/program" "$config" "$config/jails" "$config/filters"; do
    [ ! -d "$folder" ] || find "$folder" -prune -group root ! -perm -005 -exec chmod go+rx {} +
  done
}

put_program() {
  if [ -e "$1/banjo" ]; then
    put 755 "$1/banjo" "$bin"
    rm -rf "$lib"
  else
    put 755 "$deno" "$lib/deno"
    for part in "$1"/program/*.js; do put 644 "$part" "$lib/program/${part##*/}"; done
    put 644 "$here/packaging/v8-flags" "$lib/v8-flags"
    put 755 "$here/packaging/launcher.sh" "$bin"
    # Deno notes here what it found out about the parts that it loads. The agent, which may not write here, would go
    # through them at every start, and hold 9 MB more.
    "$bin" run --help >/dev/null || fail "the program does not run"
  fi
  put 644 "$here/packaging/ufw.conf" "$share/ufw.conf"
  put 644 "$here/packaging/usedns.conf" "$share/usedns.conf"
  put 644 "$here/packaging/relay-mail.conf" "$share/relay-mail.conf"
}

# Parts of a former build may go once no agent runs that could still load them.
forget_former_parts() {
  for part in "$lib"/program/*.js; do
    [ ! -e "$work/program" ] || [ -e "$work/program/${part##*/}" ] || rm -f "$part"
  done
}

# What people and their shells and editors read. Pages of commands that are no more go.
put_documents() {
  remove_documents
  for page in "$here"/docs/man/*; do
    put 644 "$page" "$man/man${page##*.}/${page##*/}"
  done
  for schema in "$here"/docs/schema/*; do
    put 644 "$schema" "$share/schema/${schema##*/}"
  done
  put_completion bash "$bash_completion"
  put_completion zsh "$zsh_completion"
  put_completion fish "$fish_completion"
}

# put_completion SHELL TARGET
put_completion() {
  "$bin" completions "$1" >"$work/completion"
  put 644 "$work/completion" "$2"
}

remove_documents() {
  rm -f "$man"/man1/banjo.1 "$man"/man1/banjo-*.1 "$man"/man5/banjo.toml.5 "$man"/man5/banjo-*.5 \
    "$bash_completion" "$zsh_completion" "$fish_completion"
}

# An administrator's file is never written over, and a jail file that was removed does not come back. banjo.toml comes
# last: what was interrupted before it goes on.
put_configuration() {
  settings="left as they are"
  if lacks_jails; then
    put 644 "$here/packaging/config/jails/sshd.toml" "$config/jails/sshd.toml"
    settings="with the sshd jail on"
  fi
  mkdir -p "$config/filters"
  [ -e "$config/banjo.toml" ] || put 644 "$here/packaging/config/banjo.toml" "$config/banjo.toml"
  told settings "$config, $settings"
}

# Whether nobody has decided on jails yet. A folder for them that is empty beside a banjo.toml is a decision.
lacks_jails() {
  for jails in "$config"/jails/*.toml; do [ ! -e "$jails" ] || return 1; done
  [ ! -d "$config/jails" ] || [ ! -e "$config/banjo.toml" ]
}

put_unit() {
  put 644 "$here/packaging/banjo.service" "$units/banjo.service"
  put 644 "$here/packaging/banjo-relay.service" "$units/banjo-relay.service"
  put 644 "$here/packaging/banjo-dashboard.service" "$units/banjo-dashboard.service"
}

# put MODE SOURCE TARGET: copies a file so that whoever uses the old one keeps it.
put() {
  cmp -s "$2" "$3" && [ "$(stat -c %a "$3")" = "$1" ] && return
  mkdir -p "$(dirname "$3")"
  cp "$2" "$3.new"
  chmod "$1" "$3.new"
  mv "$3.new" "$3"
}

start_service() {
  systemctl daemon-reload
  if [ $start = no ]; then
    told service "not started: systemctl enable --now banjo"
    return
  fi
  systemctl --quiet enable banjo
  systemctl restart banjo
  systemctl try-restart banjo-dashboard
  tries=0
  until "$bin" bans >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries = 50 ]; then
      journalctl --no-pager --quiet --unit banjo --lines 15 >&2 || true
      fail "the service does not answer: its last words are above"
    fi
    sleep 0.2
  done
  # It runs only where the administrator has enabled it.
  systemctl try-restart banjo-relay
  forget_former_parts
  told service "running, and starts with the server"
  health=$("$bin" status 2>&1 | sed -n 1p)
  if [ "$health" = healthy ]; then
    next "banjo status"
  else
    told warning "$health"
    # Root's own `banjo check` may read what the agent may not.
    next "journalctl --unit banjo"
  fi
}

# No service manager, as in a container: this process becomes the agent, with the unit's user and rights.
start_here() {
  if [ $start = no ]; then
    told service "none: systemd does not run here; start it with: banjo run"
    return
  fi
  mkdir -p "$state" "$runtime"
  chown banjo:banjo "$state" "$runtime"
  chmod 700 "$state"
  umask 077
  told service "none: systemd does not run here, so the agent runs in the foreground from now on"
  forget_former_parts
  rm -rf "$work"
  groups=$(getent group banjo banjo-read banjo-report systemd-journal adm | cut -d: -f3 | paste -sd,)
  rights=-all
  if [ $((0x$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status) >> 12 & 1)) = 1 ]; then
    rights=-all,+net_admin
  else
    told warning "no right to change the firewall: start the container with the capability NET_ADMIN"
  fi
  cd /
  exec setpriv --reuid=banjo --regid=banjo --groups="$groups" --no-new-privs \
    --bounding-set="$rights" --inh-caps="$rights" --ambient-caps="$rights" "$bin" run
}

uninstall() {
  title "Removing banjo"
  step "the service"
  if [ -d /run/systemd/system ] && [ -e "$units/banjo.service" ]; then
    systemctl --quiet disable --now banjo-relay banjo
    [ ! -e "$units/banjo-dashboard.service" ] || systemctl --quiet disable --now banjo-dashboard
  fi
  step "the files"
  remove_documents
  rm -rf "$bin" "$lib" "$share" "$cache" "$units/banjo.service" "$units/banjo-relay.service" "$units/banjo-dashboard.service"
  rmdir --ignore-fail-on-non-empty "$units" "${units%/*}" 2>/dev/null || true
  [ ! -d /run/systemd/system ] || systemctl daemon-reload
  told removed "the program and the service"
  [ "$action" = purge ] || tell_kept
}

tell_kept() {
  told kept "$config and $state"
  ! has_table banjo || told kept "bans in nftables, until they end: nft delete table inet banjo lifts them"
  ! has_table banjo-lists || told kept "blocklists in nftables: nft delete table inet banjo-lists lifts them"
  [ -z "$(ufw_bans)" ] ||
    told kept "bans in ufw, where they do not end: ufw show added lists them, --purge lifts them"
}

purge() {
  step "the bans"
  # An agent that is not systemd's goes on running, and would put back what it still knows.
  if "$bin" bans >/dev/null 2>&1; then "$bin" unban --all >/dev/null; fi
  uninstall
  step "the bans"
  lift_bans
  step "configuration and state"
  rm -rf "$config" "$state" "$runtime" "$drop_ins" "$relay_state" "$relay_drop_ins" "${drop_ins%/*}/banjo-dashboard.service.d"
  step "the user"
  ! getent passwd banjo >/dev/null || userdel banjo
  ! getent passwd banjo-relay >/dev/null || userdel banjo-relay
  ! getent group banjo-relay >/dev/null || groupdel banjo-relay
  ! getent group banjo >/dev/null || groupdel banjo
  ! getent group banjo-read >/dev/null || groupdel banjo-read
  ! getent group banjo-report >/dev/null || groupdel banjo-report
  told purged "bans, $config, $state and the user banjo"
}

# Bans outlive the agent: the tables are ours alone, and ufw's rules carry our mark.
lift_bans() {
  for table in banjo banjo-lists; do
    ! has_table $table || nft delete table inet $table
  done
  # shellcheck disable=SC2086 # a list of words
  ufw_bans | while read -r traffic; do ufw delete deny $traffic </dev/null >/dev/null; done
  [ -z "$(ufw_bans)" ] || fail "ufw has kept bans: ufw show added lists them"
}

has_table() {
  command -v nft >/dev/null && nft list table inet "$1" >/dev/null 2>&1
}

# What ufw denies for banjo, a line for each rule, in the words that delete it. lib/firewall/ufw.ts has the mark.
ufw_bans() {
  ! command -v ufw >/dev/null ||
    ufw show added | sed -nE "s/^ufw deny (.+) comment 'banjo [A-Za-z0-9_-]{1,64}( until [0-9TZ:-]{20})?'$/\1/p"
}

# Reads logs and nothing else: no right to write, to speak on the network or to start anything but journalctl.
try_here() {
  title "Trying banjo on this machine's logs"
  out=$here/dist
  step "the folder"
  { mkdir -p "$out" && [ -w "$out" ]; } 2>/dev/null ||
    fail "cannot write to $out, where --try builds: run it in a copy of this folder that is yours"
  export TMPDIR="$out" DENO_DIR="$out/.deno" DENO_NO_UPDATE_CHECK=1
  step "Deno"
  get_deno "$out"
  told deno "$deno_version, $deno_origin"
  step "the build"
  bundle "$out"
  told build "$out/program"
  step "the replay"
  # With nobody to answer it starts no pager, which it has no right to.
  printf '\n'
  "$deno" run --quiet --no-prompt --no-config --no-lock --no-remote --no-npm --no-code-cache \
    --v8-flags="$(cat "$here/packaging/v8-flags")" \
    --allow-read --allow-run=/usr/bin/journalctl,/usr/bin/getent,/usr/bin/ip --allow-sys=networkInterfaces --allow-env=NO_COLOR,JOURNAL_STREAM \
    "$out/program/main.js" simulate </dev/null
}

choose_colours() {
  bold='' dim='' green='' plain=''
  if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$(printf '\033[1m') dim=$(printf '\033[2m') green=$(printf '\033[32m') plain=$(printf '\033[0m')
  fi
}

title() {
  printf '%s%s%s\n' "$bold" "$*" "$plain"
}

# step NAME: what is being done from here on, for the message if it fails.
step() {
  current_step=$1
}

# told WHAT WORDS...: one line of the report.
told() {
  what=$1
  shift
  printf '  %s%-9s%s %s\n' "$green" "$what" "$plain" "$*"
}

next() {
  printf '%sNext:%s %s\n' "$dim" "$plain" "$*"
}

leave() {
  [ -z "${work:-}" ] || rm -rf "$work"
  [ "$1" = 0 ] || printf 'install.sh: stopped at %s; run it again once that is mended\n' "$current_step" >&2
}

main "$@"
