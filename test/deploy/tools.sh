# Installs the emulator and the AWS SDKs aside, under .tools/deploy, once for each version; to be sourced from the root of the repository.
TOOLS=$PWD/.tools/deploy
mkdir -p "$TOOLS/functions"
if ! cmp -s test/deploy/functions/package-lock.json "$TOOLS/functions/package-lock.json"; then
  cp test/deploy/functions/package.json test/deploy/functions/package-lock.json "$TOOLS/functions/"
  npm ci --prefix "$TOOLS/functions" --no-audit --no-fund --silent || { rm -f "$TOOLS/functions/package-lock.json"; exit 1; }
fi
python3 test/support/python_environment.py "$TOOLS/venv" test/deploy/requirements.txt
