#!/usr/bin/env bash
# Installs the judges of templates aside, under .tools/, and has them judge.
set -euo pipefail
cd "$(dirname "$0")/../.."
TOOLS=.tools/judges

if ! command -v python3 >/dev/null; then
  if [ "${CI:-}" = true ]; then
    echo 'python3 is missing: cfn-lint and checkov cannot be installed' >&2
    exit 1
  fi
  echo 'SKIPPED: python3 is missing, so cfn-lint and checkov cannot be installed'
  echo '0 passed, 0 failed, 1 skipped'
  exit 0
fi

[ -e lib/index.js ] || npx projen compile
mkdir -p "$TOOLS"
if ! cmp -s test/templates/tools/package-lock.json "$TOOLS/package-lock.json"; then
  cp test/templates/tools/package.json test/templates/tools/package-lock.json "$TOOLS/"
  npm ci --prefix "$TOOLS" --no-audit --no-fund --silent || { rm -f "$TOOLS/package-lock.json"; exit 1; }
fi
# Each has a virtual environment of its own: their dependencies disagree.
for judge in cfn-lint checkov; do
  python3 test/support/python_environment.py "$TOOLS/$judge" "test/templates/tools/requirements-$judge.txt"
done
# What they compile once is kept, whatever this machine says.
unset PYTHONDONTWRITEBYTECODE
RUN='node --require ts-node/register/transpile-only'
export TS_NODE_PROJECT=tsconfig.dev.json
status=0
$RUN test/templates/verify.ts "$TOOLS" || status=1
# The warnings of a synthesis are the judges' matter, not that of the comparison.
$RUN test/templates/changes.ts "$TOOLS" 2>/tmp/cdk-flue-changes.$$ || { status=1; cat "/tmp/cdk-flue-changes.$$"; }
rm -f "/tmp/cdk-flue-changes.$$"
exit "$status"
