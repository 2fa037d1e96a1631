"""moto's server with a CloudFormation that drops nothing: `python -m emulator.server PORT`, on the loopback alone."""

from __future__ import annotations

import logging
import os
import sys


def main(port: int) -> None:
    # moto and botocore read these when they are imported.
    os.environ.update(
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
        AWS_EC2_METADATA_DISABLED="true",
        MOTO_IAM_LOAD_MANAGED_POLICIES="true",
        MOTO_ECS_SERVICE_RUNNING="1",
    )
    from moto.server import main as serve

    # Each registers the types that it has handlers of.
    from . import bootstrap, cloudformation, data, ecs, functions, network, services  # noqa: F401

    cloudformation.install()
    ecs.install()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    serve(["--host", "127.0.0.1", "--port", str(port)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
