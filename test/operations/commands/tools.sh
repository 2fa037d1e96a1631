# Installs the AWS CLI aside, once for each version, where AWS_CLI says; to be sourced from the root of the repository.
# Whoever uses it has one of his own: two that install at once would be in each other's way.
mkdir -p "$AWS_CLI"
if ! cmp -s test/operations/commands/requirements.txt "$AWS_CLI/requirements.txt"; then
  rm -rf "$AWS_CLI/venv"
  python3 -m venv "$AWS_CLI/venv"
  "$AWS_CLI/venv/bin/pip" install --quiet --disable-pip-version-check --requirement test/operations/commands/requirements.txt
  cp test/operations/commands/requirements.txt "$AWS_CLI/requirements.txt"
fi
