# shellcheck shell=bash disable=SC2034
# What the tests that run containers share: a private podman, a stand-in for the base image, checks that are counted.
# Sets REPO, WORK and BASE; a script that sources it may define clean_up.

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WORK=$(mktemp -d "${TMPDIR:-/tmp}/flue-container.XXXXXX")
BASE=public.ecr.aws/docker/library/node:22-slim
PASSED=0
FAILED=0

export CONTAINERS_STORAGE_CONF=$WORK/storage.conf CONTAINERS_CONF=$WORK/containers.conf CONTAINERS_REGISTRIES_CONF=$WORK/registries.conf

finish() {
  if declare -F clean_up >/dev/null; then clean_up; fi
  if [ -e "$CONTAINERS_CONF" ]; then
    podman rm --force --all --time 0 >/dev/null 2>&1
    podman rmi --force --all >/dev/null 2>&1
  fi
  rm -rf "$WORK"
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

configure() {
  mkdir -p "$WORK/tmp"
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$WORK/storage" "$WORK/run" >"$CONTAINERS_STORAGE_CONF"
  # runc for hybrid cgroups, limits that need no CAP_SYS_RESOURCE, and the host's network, which needs no iptables
  printf '[containers]\nnetns = "host"\ndefault_ulimits = ["nofile=%s:%s", "nproc=30000:30000"]\n[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nruntime = "runc"\n' \
    "$(ulimit -Hn)" "$(ulimit -Hn)" >"$CONTAINERS_CONF"
  printf 'unqualified-search-registries = []\n' >"$CONTAINERS_REGISTRIES_CONF"
}

bare_root() { # directory; a run of several such tests may keep the bare root in ROOT_CACHE
  from_cache bare "$1" && return
  debootstrap_bare "$1" && to_cache bare "$1"
}

from_cache() { # name, directory
  local kept=${ROOT_CACHE:+$ROOT_CACHE/$1.tar}
  [ -n "$kept" ] && [ -e "$kept" ] && mkdir -p "$2" && tar -C "$2" --numeric-owner -xf "$kept"
}

to_cache() { # name, directory
  [ -n "${ROOT_CACHE:-}" ] || return 0
  mkdir -p "$ROOT_CACHE" && tar -C "$2" --numeric-owner -cf "$ROOT_CACHE/$1.tar.$$" . && mv "$ROOT_CACHE/$1.tar.$$" "$ROOT_CACHE/$1.tar"
}

debootstrap_bare() { # directory
  mmdebstrap --variant=minbase --include=ca-certificates --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$1"
}

# A stand-in for the published base image: Debian, Node and npm from the npm registry, the `node` user, the machine's certificate authorities.
build_base() {
  local root=$WORK/rootfs kept=${ROOT_CACHE:+$ROOT_CACHE/base.tar}
  if [ ! -d "$root" ] && [ -n "$kept" ] && [ -e "$kept" ]; then
    import_base <"$kept"
    return
  fi
  [ -d "$root" ] || bare_root "$root" || return
  furnish_base "$root" && to_cache base "$root" || return
  tar -C "$root" --numeric-owner -c . | import_base || return
  rm -rf "$root"
}

import_base() {
  podman import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --change 'CMD ["node"]' - "$BASE"
}

furnish_base() { # directory
  local root=$1 arch
  arch=$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x64)
  mkdir -p "$WORK/npm" && (cd "$WORK/npm" && npm install --no-save --no-package-lock "node-linux-$arch@22" npm@10) || return
  mkdir -p "$root/usr/local/bin" "$root/usr/local/lib/node_modules" "$root/usr/local/etc"
  cp "$WORK/npm/node_modules/node-linux-$arch/bin/node" "$root/usr/local/bin/node" || return
  cp -r "$WORK/npm/node_modules/npm" "$root/usr/local/lib/node_modules/npm" || return
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
  chroot "$root" groupadd -g 1000 node && chroot "$root" useradd -u 1000 -g node -m -s /bin/bash node || return
  cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$root/etc/ssl/certs/ca-certificates.crt" || return
  printf 'cafile=/etc/ssl/certs/ca-certificates.crt\nregistry=%s\n' "$(npm config get registry 2>/dev/null)" >"$root/usr/local/etc/npmrc"
}

not() { ! "$@"; }
is() { [ "$1" = "$2" ] || { echo "expected $2, got $1"; return 1; }; }
