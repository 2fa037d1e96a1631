# Installs the AWS CLI aside, under .tools/, once for each version; to be sourced from the root of the repository.
AWS_CLI=$PWD/.tools/aws-cli
python3 test/support/python_environment.py "$AWS_CLI" test/operations/commands/requirements.txt
