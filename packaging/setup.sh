# shellcheck shell=sh disable=SC2034 # results are read where this is sourced
# Brings what banjo needs to this machine. Sourced by install.sh and tests/run.sh; POSIX sh.

deno_version=2.9.6
# Certificates that the administrator trusts count too, as where a proxy reads along.
export DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-mozilla,system}"

# fail WORDS...: says why on standard error, and ends.
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# need THING=PACKAGE...: installs by apt the packages whose thing, a command or a path, is not here.
need() {
  missing=
  for pair; do
    is_here "${pair%%=*}" || missing="$missing ${pair#*=}"
  done
  [ -n "$missing" ] || return 0
  [ "$(id -u)" = 0 ] || fail "missing:$missing. Install that as root, then run this again"
  command -v apt-get >/dev/null || fail "missing:$missing. Only apt is known here: install that, then run this again"
  # shellcheck disable=SC2086 # a list of words
  apt_install $missing || {
    printf '%s\n' "$apt_words" >&2
    fail "apt cannot install$missing: its words are above"
  }
}

is_here() {
  case $1 in /*) [ -e "$1" ] ;; *) command -v "$1" >/dev/null ;; esac
}

# apt_install PACKAGE...: refreshes apt's lists only where they do not serve. What it said stays in apt_words.
apt_install() {
  apt_words=$(apt_get install "$@") || apt_words=$(apt_get update && apt_get install "$@")
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends "$@" </dev/null 2>&1
}

# get_deno FOLDER: sets `deno` to an executable of the pinned version and `deno_origin` to where it is from. One that
# is here already is taken; otherwise it is put into FOLDER.
get_deno() {
  for deno in "$(command -v deno)" "$1/deno" /usr/local/lib/banjo/deno; do
    if is_pinned_deno "$deno"; then
      deno_origin="already here"
      return
    fi
  done

  case $(uname -sm) in
    "Linux x86_64") deno_platform=x64-glibc deno_target=x86_64-unknown-linux-gnu ;;
    "Linux aarch64") deno_platform=arm64-glibc deno_target=aarch64-unknown-linux-gnu ;;
    *) fail "no Deno for $(uname -sm): banjo runs on Linux on x86-64 and arm64" ;;
  esac
  deno=$1/deno
  deno_download=$1/deno-download
  mkdir -p "$1"
  rm -rf "$deno_download"
  mkdir "$deno_download"
  : >"$deno_download/words"
  if command -v npm >/dev/null && deno_from_npm; then
    deno_origin="from npm"
  elif deno_from_its_site; then
    deno_origin="from Deno's own server"
  elif deno_from_apt_npm; then
    deno_origin="from npm, which came by apt"
  else
    cat "$deno_download/words" >&2
    rm -rf "$deno_download"
    missing=$(for program in npm curl unzip; do is_here $program || printf ' %s' $program; done)
    fail "cannot get Deno $deno_version from npm, nor with curl and unzip from Deno's own server${missing:+ (missing:$missing)}." \
      "Mend one of these, or bring the executable yourself, from a release of Deno or as package/deno from the npm package" \
      "@deno/linux-$deno_platform, version $deno_version: put it at /usr/local/bin/deno, then run this again"
  fi
  rm -rf "$deno_download"
}

is_pinned_deno() {
  [ -n "$1" ] && [ -x "$1" ] && case $("$1" --version 2>/dev/null) in "deno $deno_version "*) true ;; *) false ;; esac
}

# The package for one platform holds the plain executable, so no script of a package runs.
deno_from_npm() (
  cd "$deno_download" || exit
  npm pack --silent --cache "$deno_download/npm" "@deno/linux-$deno_platform@$deno_version" >>words 2>&1 &&
    tar -xzf ./*.tgz --no-same-owner package/deno && take_deno package/deno
)

deno_from_its_site() (
  if [ "$(id -u)" = 0 ]; then need curl=curl unzip=unzip /etc/ssl/certs=ca-certificates; fi
  command -v curl >/dev/null && command -v unzip >/dev/null && cd "$deno_download" &&
    curl --fail --silent --show-error --location --connect-timeout 10 --retry 2 --output deno.zip \
      "https://dl.deno.land/release/v$deno_version/deno-$deno_target.zip" 2>>words &&
    unzip -q deno.zip deno && take_deno ./deno
)

deno_from_apt_npm() (
  [ "$(id -u)" = 0 ] && ! command -v npm >/dev/null && need npm=npm 2>>"$deno_download/words" && deno_from_npm
)

# The executable is the same in both places; where its hash is known, it must have it.
take_deno() {
  case $deno_platform in
    x64-glibc) deno_hash=bceb5b6a6239b0b010418406d8c77a508f67cf4337d94288f1c19fe71304aab0 ;;
    *) deno_hash= ;; # npm has compared the package with the registry's hash, and the site is read over TLS
  esac
  if [ -n "$deno_hash" ]; then
    printf '%s  %s\n' "$deno_hash" "$1" | sha256sum --check --status ||
      fail "what came as Deno $deno_version is something else: its SHA-256 is not $deno_hash"
  fi
  chmod 755 "$1" && mv "$1" "$deno"
}
