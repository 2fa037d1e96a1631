"""Calls a program that is kept, as a user does in a shell: `call.py PORT ARGUMENT…`."""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import Any

#: Longer than any call takes.
SECONDS = 300


def call(port: int, folder: str, arguments: list[str]) -> dict[str, Any]:
    """Its status, and what it says."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as connection, connection.makefile("rw", encoding="utf-8") as lines:
        print(json.dumps({"folder": folder, "environment": dict(os.environ), "arguments": arguments}), file=lines, flush=True)
        return dict(json.loads(lines.readline()))


if __name__ == "__main__":
    ran = call(int(sys.argv[1]), os.getcwd(), sys.argv[2:])
    sys.stdout.write(ran["stdout"])
    sys.stderr.write(ran["stderr"])
    sys.exit(ran["status"])
