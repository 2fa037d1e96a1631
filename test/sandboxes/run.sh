#!/usr/bin/env bash
# Runs sandboxes for a real Flue agent in podman, as a synthesized template defines them, and tries to get out of them.
# Needs root, apt and the npm registry, and examples/agents installed.
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo 'SKIPPED test/sandboxes: it needs root and apt; no sandbox was run'
  [ "${CI:-}" != true ] || exit 1
  exit 0
fi
# shellcheck source=../container/lib.sh
. "$HERE/../container/lib.sh"

PREFIX=flue-sandboxes-$$
RUNNING=

clean_up() {
  local space
  if [ -n "$RUNNING" ]; then kill "$RUNNING" 2>/dev/null && wait "$RUNNING"; fi
  ip netns list | awk -v prefix="$PREFIX-" 'index($1, prefix) == 1 { print $1 }' | while read -r space; do
    ip netns pids "$space" | xargs -r kill -9
    ip netns del "$space"
  done
  [ ! -e "$CONTAINERS_CONF" ] || { podman rm --force --all --time 0; podman volume rm --force --all; } >/dev/null 2>&1
}

install_tools() {
  install_podman || return
  command -v ip >/dev/null && command -v nft >/dev/null && command -v nsenter >/dev/null || install_packages iproute2 nftables util-linux
}

[ -x "$REPO/examples/agents/node_modules/node/bin/node" ] || stop_here 'run npm ci in examples/agents first'
step 'install tools' install_tools
configure
step 'base image' build_base
# Postgres runs as a user of its own, who has to get to its files
chmod 711 "$WORK" && mkdir -p "$WORK/proof" && : >"$WORK/proof.out"
# the test runs where the server does, so it starts in that network
step 'network of the server' ip netns add "$PREFIX-server"
(
  cd "$REPO" && TMPDIR=$WORK/tmp SANDBOX_STORAGE=$WORK/storage exec nsenter "--net=/run/netns/$PREFIX-server" \
    node node_modules/ts-node/dist/bin.js --project tsconfig.dev.json --transpile-only test/sandboxes/proof/run.ts "$WORK/proof" "$PREFIX"
) >>"$WORK/proof.out" 2>&1 &
RUNNING=$!
tail --pid="$RUNNING" --lines=+1 --follow "$WORK/proof.out" 2>/dev/null | sed -u '/^counted /d'
wait "$RUNNING"
RUNNING=
read -r _ PASSED FAILED < <(grep '^counted ' "$WORK/proof.out" || echo 'counted 0 1')
