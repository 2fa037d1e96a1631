"""CLIs that are loaded once for all their calls: to load one takes many times as long as what it does here."""

from __future__ import annotations

import atexit
import functools
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

from .call import call

HERE = pathlib.Path(__file__).parent
CDK = HERE.parents[2] / "node_modules/.bin/cdk"
SHELL = HERE / "shell.sh"
COMMANDS = {"cdk": ["node", str(HERE / "cdk.js")], "aws": [os.environ["AWS_CLI"] + "/bin/python", str(HERE / "aws.py")]}


@functools.cache
def port_of(name: str) -> int:
    """Starts the program, which ends with this process."""
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        descriptor = server.fileno()
        process = subprocess.Popen([*COMMANDS[name], str(descriptor)], stdin=subprocess.PIPE, stdout=out, stderr=err, pass_fds=[descriptor])
        atexit.register(process.communicate)
        return int(server.getsockname()[1])


#: The commands of the CLI that were called once.
_called: set[str] = set()


def cdk(folder: pathlib.Path, *arguments: str) -> tuple[bool, str]:
    """The pinned CLI: each of its commands as a user starts it the first time, and then in the process that is kept."""
    command = arguments[0]
    if command not in _called:
        _called.add(command)
        ran = subprocess.run([str(CDK), *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        return ran.returncode == 0, ran.stdout
    kept = call(port_of("cdk"), str(folder), list(arguments))
    return kept["status"] == 0, kept["stdout"] + kept["stderr"]


def for_shell(folder: pathlib.Path) -> dict[str, str]:
    """The variables of `shell.sh`."""
    ports = {f"{name.upper()}_PORT": str(port_of(name)) for name in COMMANDS}
    return {**ports, "PYTHON": sys.executable, "CALL": str(HERE / "call.py"), "CALLED": str(folder)}
