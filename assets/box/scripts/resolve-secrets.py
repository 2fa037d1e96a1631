#!/usr/bin/python3
"""Reads the secrets of the server, by the references that ECS takes as valueFrom, into a file for systemd.

With a reference as argument it prints that secret instead.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

REFERENCES = '/etc/flue/secrets.json'
ENVIRONMENT = '/run/flue/environment'
FAILURE = '/run/flue/failure'


class Unreadable(Exception):
    """A reference that leads to no value; the message never holds a value."""


def aws(region, *arguments):
    command = ['aws', *arguments, '--output', 'json']
    if region:
        command += ['--region', region]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Unreadable(' '.join(done.stderr.decode('utf-8', 'replace').split()) or 'aws ended with %d' % done.returncode)
    return json.loads(done.stdout)


def read(reference, region):
    """The value of `arn:…:secretsmanager:…[:json key:version stage:version id]`, or of a parameter's ARN or name."""
    parts = reference.split(':')
    if reference.startswith('arn:'):
        region = parts[3] or region
    if not (reference.startswith('arn:') and parts[2] == 'secretsmanager'):
        return aws(region, 'ssm', 'get-parameter', '--with-decryption', '--name', reference)['Parameter']['Value']
    key, stage, version = (parts[7:] + ['', '', ''])[:3]
    arguments = ['secretsmanager', 'get-secret-value', '--secret-id', ':'.join(parts[:7])]
    if stage:
        arguments += ['--version-stage', stage]
    if version:
        arguments += ['--version-id', version]
    value = aws(region, *arguments).get('SecretString')
    if value is None:
        raise Unreadable('the secret is binary')
    if not key:
        return value
    try:
        fields = json.loads(value)
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or key not in fields:
        raise Unreadable('the secret is no JSON object with the key %s' % key)
    field = fields[key]
    return field if isinstance(field, str) else json.dumps(field)


def quoted(value):
    """A value in the syntax of EnvironmentFile=, which keeps a line break within double quotes."""
    if '\0' in value:
        raise Unreadable('the value holds a NUL character')
    return '"%s"' % re.sub(r'([\\"`$])', r'\\\1', value)


def write(path, text):
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    with os.fdopen(handle, 'w', encoding='utf-8', newline='') as file:
        file.write(text)
    os.replace(temporary, path)


def resolve(region):
    with open(REFERENCES, encoding='utf-8') as file:
        references = json.load(file)

    def line(name):
        try:
            return '%s=%s\n' % (name, quoted(read(references[name], region)))
        except Unreadable as error:
            raise Unreadable('cannot read %s from %s: %s' % (name, references[name], error))

    with ThreadPoolExecutor(4) as pool:
        return ''.join(pool.map(line, sorted(references)))


def main():
    region = os.environ.get('AWS_REGION')
    try:
        if len(sys.argv) > 1:
            sys.stdout.write(read(sys.argv[1], region))
            return 0
        write(ENVIRONMENT, resolve(region))
    except Unreadable as error:
        write(FAILURE, '%s\n' % error)
        print('flue: %s' % error, file=sys.stderr)
        return 1
    if os.path.exists(FAILURE):
        os.remove(FAILURE)
    return 0


if __name__ == '__main__':
    sys.exit(main())
