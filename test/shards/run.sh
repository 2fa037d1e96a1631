#!/usr/bin/env bash
# Proves that shards split no conversation: real Flue servers and a real Postgres behind HAProxy, with the rules of a synthesized template.
# Needs HAProxy, or root and apt to install it.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v haproxy >/dev/null; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "SKIPPED test/shards: it needs haproxy, or root and apt; no shard was run"
    [ "${CI:-}" != true ] || exit 1
    exit 0
  fi
  bash test/support/install-packages.sh haproxy >/dev/null
fi
exec node node_modules/ts-node/dist/bin.js --project tsconfig.dev.json --transpile-only test/shards/run.ts
