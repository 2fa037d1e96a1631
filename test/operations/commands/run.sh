#!/usr/bin/env bash
# Installs the AWS CLI aside, under .tools/, and pastes the commands for operators into a shell.
set -euo pipefail
cd "$(dirname "$0")/../../.."

if ! command -v python3 >/dev/null; then
  if [ "${CI:-}" = true ]; then
    echo 'python3 is missing: the AWS CLI cannot be installed' >&2
    exit 1
  fi
  echo 'SKIPPED: python3 is missing, so the AWS CLI cannot be installed'
  echo '0 passed, 0 failed, 1 skipped'
  exit 0
fi

. test/operations/commands/tools.sh
export TS_NODE_PROJECT=tsconfig.dev.json
exec "$AWS_CLI/bin/python" test/operations/commands/loaded_once.py node --require ts-node/register/transpile-only test/operations/commands/verify.ts
