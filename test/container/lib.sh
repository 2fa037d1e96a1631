# shellcheck shell=bash disable=SC2034
# What the tests that run containers share: a private podman, a stand-in for the base image, checks that are counted.
# Sets REPO, WORK, BASE and ROOT_CACHE, where several such tests keep what all need; a script that sources it may define clean_up.

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WORK=$(mktemp -d "${TMPDIR:-/tmp}/flue-container.XXXXXX")
BASE=public.ecr.aws/docker/library/node:22-slim
export ROOT_CACHE=${ROOT_CACHE:-$WORK/roots}
STORES=()
PASSED=0
FAILED=0

export CONTAINERS_STORAGE_CONF=$WORK/storage.conf CONTAINERS_CONF=$WORK/containers.conf CONTAINERS_REGISTRIES_CONF=$WORK/registries.conf

finish() {
  if declare -F clean_up >/dev/null; then clean_up; fi
  [ ! -e "$CONTAINERS_CONF" ] || podman rm --force --all --time 0 >/dev/null 2>&1
  # podman tidies up after a container that has ended in a process of its own, which still writes here
  local tries=0
  until { ! pgrep -f "podman.* $WORK/" >/dev/null && rm -rf "$WORK"; } || [ $((tries += 1)) -gt 50 ]; do sleep 0.2; done
  echo "$PASSED passed, $FAILED failed"
  [ "$FAILED" -eq 0 ] && [ "$PASSED" -gt 0 ] || exit 1
  exit 0
}
trap finish EXIT
trap 'exit 130' INT TERM

check() { # name, command…
  local name=$1
  shift
  local log=${CHECK_LOG:-$WORK/check.log}
  if "$@" >"$log" 2>&1; then
    PASSED=$((PASSED + 1))
    echo "ok   $name"
  else
    FAILED=$((FAILED + 1))
    echo "FAIL $name"
    tail -n 20 "$log" | sed 's/^/     /'
  fi
}

stop_here() { # reason
  FAILED=$((FAILED + 1))
  echo "FAIL $1"
  [ -e "$WORK/step.log" ] && tail -n 30 "$WORK/step.log" | sed 's/^/     /'
  exit 1
}

step() { # name, command…
  local name=$1 started=$SECONDS
  shift
  "$@" >"$WORK/step.log" 2>&1 || stop_here "$name"
  echo "     $name: $((SECONDS - started)) s"
}

install_packages() { # package…
  bash "$(dirname "${BASH_SOURCE[0]}")/../support/install-packages.sh" "$@"
}

install_podman() {
  local missing=()
  command -v podman >/dev/null && command -v runc >/dev/null && command -v conmon >/dev/null && [ -x /usr/libexec/podman/catatonit ] &&
    command -v mmdebstrap >/dev/null && command -v curl >/dev/null || missing=(podman runc conmon catatonit mmdebstrap curl)
  [ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
}

# podman is a program in Go, which spends a third of its processor time on the collection of garbage where nothing is said of it.
hasten_podman() {
  mkdir -p "$WORK/bin" && printf '#!/bin/sh\nGOGC=off GOMEMLIMIT=512MiB exec %s "$@"\n' "$(command -v podman)" >"$WORK/bin/podman" && chmod +x "$WORK/bin/podman"
  PATH=$WORK/bin:$PATH
}

configure() {
  mkdir -p "$WORK/tmp"
  hasten_podman
  storage_of "$WORK"
  # runc for hybrid cgroups, limits that need no CAP_SYS_RESOURCE, and the host's network, which needs no iptables
  printf '[containers]\nnetns = "host"\ndefault_ulimits = ["nofile=%s:%s", "nproc=30000:30000"]\n[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nruntime = "runc"\n' \
    "$(ulimit -Hn)" "$(ulimit -Hn)" >"$CONTAINERS_CONF"
  printf 'unqualified-search-registries = []\n' >"$CONTAINERS_REGISTRIES_CONF"
}

storage_of() { # folder: podman keeps its images and containers there, and reads those of STORES
  local IFS=,
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$1/storage" "$1/run" >"$1/storage.conf"
  [ "${#STORES[@]}" -eq 0 ] || printf '[storage.options]\nadditionalimagestores = [%s]\n' "${STORES[*]}" >>"$1/storage.conf"
}

read_store() { # folder: its images can be used from now on, and are not written to
  STORES+=("\"$1/storage\"")
  storage_of "$WORK"
}

in_store() { # folder, command…: what podman makes comes into the store of that folder
  storage_of "$1" && CONTAINERS_STORAGE_CONF=$1/storage.conf "${@:2}"
}

# Of the tests that share ROOT_CACHE, the first does it and the others wait for it.
once() { # name, command…
  local made=$ROOT_CACHE/$1.made
  shift
  mkdir -p "$ROOT_CACHE" || return
  (
    flock 9
    [ -e "$made" ] || { "$@" 9>&- && touch "$made"; }
  ) 9>"$made.lock"
}

bare_root() { once bare debootstrap_bare "$ROOT_CACHE/bare"; }

# dpkg leaves out itself what is excluded, which mmdebstrap has Python do; the lists of apt are kept for who installs more.
debootstrap_bare() { # directory
  rm -rf "$1"
  # shellcheck disable=SC2016
  mmdebstrap --variant=minbase --include=ca-certificates --skip=cleanup/apt/lists \
    --setup-hook='mkdir -p "$1/etc/dpkg/dpkg.cfg.d" && printf "path-exclude=/usr/share/%s/*\n" man doc locale >"$1/etc/dpkg/dpkg.cfg.d/small"' \
    --customize-hook='rm -rf "$1"/usr/share/man/* "$1"/usr/share/doc/* "$1"/usr/share/locale/*' bookworm "$1"
}

# A stand-in for the published base image: Debian, Node and npm from the npm registry, the `node` user, the machine's certificate authorities.
build_base() {
  bare_root && once base make_base "$ROOT_CACHE/base" && read_store "$ROOT_CACHE/base"
}

make_base() { # folder
  rm -rf "$1" && mkdir -p "$1" && cp -a "$ROOT_CACHE/bare" "$1/root" && furnish_base "$1/root" || return
  tar -C "$1/root" --numeric-owner -c . |
    in_store "$1" podman import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --change 'CMD ["node"]' - "$BASE" || return
  rm -rf "$1/root"
}

furnish_base() { # directory
  local root=$1 arch
  arch=$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x64)
  mkdir -p "$ROOT_CACHE/npm" && (cd "$ROOT_CACHE/npm" && npm install --no-save --no-package-lock "node-linux-$arch@22" npm@10) || return
  rm -rf "$root"/var/lib/apt/lists/*
  mkdir -p "$root/usr/local/bin" "$root/usr/local/lib/node_modules" "$root/usr/local/etc"
  cp "$ROOT_CACHE/npm/node_modules/node-linux-$arch/bin/node" "$root/usr/local/bin/node" || return
  cp -r "$ROOT_CACHE/npm/node_modules/npm" "$root/usr/local/lib/node_modules/npm" || return
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
  chroot "$root" groupadd -g 1000 node && chroot "$root" useradd -u 1000 -g node -m -s /bin/bash node || return
  cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$root/etc/ssl/certs/ca-certificates.crt" || return
  printf 'cafile=/etc/ssl/certs/ca-certificates.crt\nregistry=%s\n' "$(npm config get registry 2>/dev/null)" >"$root/usr/local/etc/npmrc"
}

not() { ! "$@"; }
is() { [ "$1" = "$2" ] || { echo "expected $2, got $1"; return 1; }; }
