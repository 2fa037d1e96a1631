"""Runs COMMAND where `aws` is the AWS CLI of this environment, loaded once: `loaded_once.py COMMAND…`.

Most of what the CLI takes for a command is its own start. Here a server loads it, and for each `aws` a fork of that server runs the program of the
CLI itself, with the arguments, the folder, the environment and the streams of who asked for it.
"""

from __future__ import annotations

import gc
import marshal
import os
import pathlib
import runpy
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import traceback

PROGRAM = pathlib.Path(sys.executable).parent / "aws"
CLIENT = """#!{python} -IS
import marshal, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [b"."], [0, 1, 2])
    server.sendall(marshal.dumps((sys.argv[1:], os.getcwd(), dict(os.environ))))
    server.shutdown(socket.SHUT_WR)
    status = server.recv(1)
sys.exit(status[0] if status else 1)
"""


def run_program() -> int:
    """The status that the interpreter would make of the end of the program."""
    try:
        runpy.run_path(str(PROGRAM), run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return (end.code or 0) & 0xFF
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


class Command(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        _, streams, _, _ = socket.recv_fds(self.request, 1, 3)
        with self.request.makefile("rb") as message:
            arguments, folder, environment = marshal.load(message)
        for stream, number in enumerate(streams):
            os.dup2(number, stream)
            os.close(number)
        os.chdir(folder)
        # where it has its data, which it says there when it is loaded
        data = os.environ["AWS_DATA_PATH"]
        os.environ.clear()
        os.environ.update({**environment, "AWS_DATA_PATH": data})
        sys.argv = [str(PROGRAM), *arguments]
        status = run_program()
        sys.stdout.flush()
        sys.stderr.flush()
        self.request.send(bytes([status]))


class Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    request_queue_size = 100

    def serve(self) -> None:
        """Loads what every command needs, and serves each."""
        from awscli.clidriver import create_clidriver

        create_clidriver()
        gc.freeze()
        self.serve_forever()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="cdk-flue-aws-") as folder:
        address, client = f"{folder}/socket", pathlib.Path(folder, "bin/aws")
        client.parent.mkdir()
        client.write_text(CLIENT.format(python=sys.executable, address=address))
        client.chmod(0o755)
        with Server(address, Command) as server:
            serving = os.fork()
            if serving == 0:
                server.serve()
            try:
                return subprocess.run(sys.argv[1:], env={**os.environ, "PATH": f"{client.parent}:{os.environ['PATH']}"}).returncode
            finally:
                os.kill(serving, signal.SIGTERM)
                os.waitpid(serving, 0)


if __name__ == "__main__":
    sys.exit(main())
