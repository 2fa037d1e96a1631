#!/usr/bin/env bash
# Installs what asks AWS aside, and hands over to run.ts. `run.sh --kills N` interrupts N emulated runs in place of that.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v python3 >/dev/null; then
  echo 'python3 is missing: it runs the AWS SDK and the emulator' >&2
  exit 2
fi
. test/deploy/tools.sh
[ -e assets/image/rds-ca-bundle.pem ] || npx ts-node --project tsconfig.dev.json --transpile-only scripts/generate-rds-ca.ts
PROGRAM=run.ts
if [ "${1:-}" = --kills ]; then
  PROGRAM=kills.ts
  shift
fi
# In the place of this shell: a signal must reach it, and no other process.
export TS_NODE_PROJECT=tsconfig.dev.json
exec node --require ts-node/register/transpile-only "test/live/$PROGRAM" "$@"
