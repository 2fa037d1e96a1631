#!/usr/bin/env bash
# Builds and runs the image of a package of a pnpm workspace.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
place=$(mktemp -d "${TMPDIR:-/tmp}/flue-workspace.XXXXXX")
trap 'rm -rf "$place"' EXIT
npx ts-node --project tsconfig.dev.json --transpile-only test/layouts/write.ts 'a package of a pnpm workspace, nothing built' "$place/repository" &&
  bash test/container/run.sh "$place/repository" apps/agents
