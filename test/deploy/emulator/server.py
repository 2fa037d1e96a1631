"""moto's server with a CloudFormation that drops nothing: `python -m emulator.server PORT`, on the loopback alone."""

from __future__ import annotations

import logging
import os
import sys

ACCOUNT = "111122223333"


def main(port: int) -> None:
    # moto and botocore read these when they are imported.
    os.environ.update(
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
        AWS_EC2_METADATA_DISABLED="true",
        # a domain is proven by the record that is made for it
        MOTO_ACM_VALIDATION_WAIT="0",
        MOTO_IAM_LOAD_MANAGED_POLICIES="true",
        MOTO_ECS_SERVICE_RUNNING="1",
    )
    import moto.core
    import moto.core.models

    # The account that the examples name: whoever is imported next takes it from here.
    moto.core.DEFAULT_ACCOUNT_ID = moto.core.models.DEFAULT_ACCOUNT_ID = ACCOUNT
    import moto.backends

    # Each request asks for them, and they are read from the disk each time.
    modules = tuple(moto.backends.list_of_moto_modules())
    moto.backends.list_of_moto_modules = lambda: modules
    from moto.server import main as serve

    # Each registers the types that it has handlers of.
    from . import (  # noqa: F401
        backups, bootstrap, boxes, buckets, cloudformation, cloudfront, copies, data, dns, ecs, edge,
        events, functions, logs, network, refusals, rotation, rules, services,
    )  # fmt: skip

    for stand_in in (backups, cloudformation, cloudfront, copies, dns, ecs, logs, refusals, rotation, rules):
        stand_in.install()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    serve(["--host", "127.0.0.1", "--port", str(port)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
