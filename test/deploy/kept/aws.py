"""The AWS CLI, loaded once for all its calls: it is started and asked as `cdk.js` is, and each call is a fork of this process."""

from __future__ import annotations

import json
import os
import select
import socket
import sys
from typing import Any

import awscli.clidriver

taken: dict[int, int] = {}


def run(asked: dict[str, Any]) -> None:
    """The call of bin/aws, which ends this process."""
    os.chdir(asked["folder"])
    # the CLI tells itself where its models are, when it is loaded
    models = os.environ["AWS_DATA_PATH"]
    os.environ.clear()
    os.environ.update(asked["environment"], AWS_DATA_PATH=models)
    sys.argv = ["aws", *asked["arguments"]]
    sys.exit(awscli.clidriver.main())


def take(stream: int) -> str:
    """What a stream was told since this was asked last."""
    begin = taken.get(stream, 0)
    taken[stream] = os.fstat(stream).st_size
    return os.pread(stream, taken[stream] - begin, begin).decode()


def answer(connection: socket.socket) -> None:
    with connection, connection.makefile("rw", encoding="utf-8") as lines:
        asked = json.loads(lines.readline())
        child = os.fork()
        if child == 0:
            run(asked)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps({"status": status, "stdout": take(1), "stderr": take(2)}), file=lines)


with socket.socket(fileno=int(sys.argv[1])) as server:
    # what the first call reads, the others need not
    awscli.clidriver.create_clidriver()
    while sys.stdin not in select.select([sys.stdin, server], [], [])[0]:
        answer(server.accept()[0])
