# The CLIs of a page, for a shell that its commands are pasted into: of each the first call is a process of its own, as a reader has it, and the
# others are those of the programs that are kept.
first() { [ ! -e "$CALLED/$1" ] && : >"$CALLED/$1"; }
npx() { if [ "$1" != cdk ] || first npx; then command npx "$@"; else "$PYTHON" -IS "$CALL" "$CDK_PORT" "${@:2}"; fi; }
aws() { if first aws; then command aws "$@"; else "$PYTHON" -IS "$CALL" "$AWS_PORT" "$@"; fi; }
