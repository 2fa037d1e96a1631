#!/usr/bin/env bash
# Lints what a box runs: its scripts, its resolver and its rendered user data. The units are verified on a booted box. Arguments: directories that synth.ts wrote, one for each box.
set -uo pipefail
BOX=$(cd "$(dirname "$0")/../../assets/box" && pwd)
failed=0

lint() { # name, command…: anything it says is a fault
  local name=$1 said
  shift
  if said=$("$@" 2>&1) && [ -z "$said" ]; then
    echo "ok   lint: $name"
  else
    failed=1
    echo "FAIL lint: $name"
    # shellcheck disable=SC2001
    echo "$said" | head -n 30 | sed 's/^/     /'
  fi
}

not() { ! "$@"; }

cd "$BOX/scripts" || exit 1
lint 'shellcheck of the scripts' shellcheck --external-sources --source-path="$BOX/scripts" ./*.sh
lint 'shellcheck of what makes a schema' shellcheck --external-sources --source-path="$BOX/scripts" ../../database/schema.sh
lint 'shellcheck of the template of the user data' shellcheck --external-sources --source-path="$BOX" ../user-data.sh
lint 'the resolver compiles' python3 -c 'import sys; compile(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1], "exec")' resolve-secrets.py
# Amazon Linux 2023 has Python 3.9
lint 'the resolver is Python 3.9' python3 -c 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read(), feature_version=(3, 9))' resolve-secrets.py
for box; do
  # the template says where these three are meant
  lint "shellcheck of the user data of $(basename "$box")" shellcheck --exclude=SC1090,SC1091,SC2086 "$box/user-data"
  lint "the user data of $(basename "$box") fits" test "$(wc -c <"$box/user-data")" -le 16384
  lint "no secret in the user data of $(basename "$box")" not grep -n planted-secret "$box/user-data"
done
exit "$failed"
