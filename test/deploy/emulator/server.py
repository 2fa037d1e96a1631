"""moto's server with a CloudFormation that drops nothing: `python -m emulator.server PORT`, on the loopback alone."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

ACCOUNT = "111122223333"


def _make(port: int) -> BaseWSGIServer:
    os.environ.update(AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", AWS_EC2_METADATA_DISABLED="true")
    import moto.core
    import moto.core.models

    # The account that the examples name: whoever is imported next takes it from here.
    moto.core.DEFAULT_ACCOUNT_ID = moto.core.models.DEFAULT_ACCOUNT_ID = ACCOUNT
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    # Each registers the types that it has handlers of.
    from . import (  # noqa: F401
        backups, bootstrap, boxes, buckets, cloudformation, cloudfront, copies, data, dns, ecs, edge,
        events, functions, logs, network, refusals, remembered, rotation, rules, services, within,
    )  # fmt: skip

    for stand_in in (backups, cloudformation, cloudfront, copies, dns, ecs, logs, refusals, remembered, rotation, rules):
        stand_in.install()
    application = DomainDispatcherApplication(create_backend_app)
    within.answer_by(application)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return make_server("127.0.0.1", port, application, threaded=True, request_handler=MotoRequestHandler)


def start(port: int) -> None:
    """Serves beside what this process does, for as long as it lives."""
    threading.Thread(target=_make(port).serve_forever, daemon=True).start()


if __name__ == "__main__":
    _make(int(sys.argv[1])).serve_forever()
