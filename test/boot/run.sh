#!/usr/bin/env bash
# Boots the boxes of FlueEc2Service for real: systemd, cloud-init, docker and the rendered user data, in a stand-in for Amazon Linux 2023.
# What is real and what is not: README.md. Needs root, apt and the npm registry. With names of boxes as arguments only those.
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null || [ ! -e /dev/loop-control ]; then
  echo 'SKIPPED test/boot: it needs root, apt and loop devices; no box was booted'
  [ "${CI:-}" != true ] || exit 1
  exit 0
fi
# shellcheck source=../container/lib.sh
. "$HERE/../container/lib.sh"
# shellcheck source=../container/image.sh
. "$HERE/../container/image.sh"
# shellcheck source=world.sh
. "$HERE/world.sh"
# shellcheck source=boxes.sh
. "$HERE/boxes.sh"

count() { # name: prints what it found
  cat "$WORK/$1.out"
  PASSED=$((PASSED + $(grep -c '^ok ' "$WORK/$1.out")))
  FAILED=$((FAILED + $(grep -c '^FAIL ' "$WORK/$1.out")))
}

main() {
  if [ $# -gt 0 ]; then BOXES=("$@"); else BOXES=(agents hung plain node missing sick full); fi

  STARTED=$SECONDS
  step 'install tools' install_tools
  configure
  step 'root file systems' build_roots
  step 'images' build_images
  step 'the world' build_world
  step 'synthesize' synthesize
  step 'publish' push_images
  bash "$HERE/lint.sh" "${BOXES[@]/#/$WORK/synth/}" >"$WORK/lint.out"
  count lint
  STARTED_BOOTS=$SECONDS

  # Boxes wait more than they work, so they boot side by side; what each found is printed in order.
  for box in "${BOXES[@]}"; do
    (CHECK_LOG=$WORK/$box.log && "box_$box") >"$WORK/$box.out" 2>&1 &
    PIDS[${#PIDS[@]}]=$!
    # a head start for the one with most to do
    [ "$box" != agents ] || sleep 5
  done
  for index in "${!BOXES[@]}"; do
    wait "${PIDS[$index]}" || echo "FAIL ${BOXES[$index]}: its checks ended early" >>"$WORK/${BOXES[$index]}.out"
    count "${BOXES[$index]}"
  done
  echo "     all boxes: $((SECONDS - STARTED_BOOTS)) s of $((SECONDS - STARTED)) s"
}
main "$@"
