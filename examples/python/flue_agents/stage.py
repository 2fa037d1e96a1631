import re
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any, Dict, Optional

from aws_cdk import Acknowledgment, App, RemovalPolicies, RemovalPolicy, Stack, Validations
from cdk_flue import FlueExpiry
from constructs import Construct

# How long a preview stays after its last deployment.
LIFETIME = timedelta(days=3)
# The stage that makes what the previews share.
BASE = "base"
# The port of pull request 1 is the next one. Browsers refuse some ports below.
FIRST_PORT = 20000
LAST_PULL_REQUEST = 30000
# Above those of the pull requests, branches share out as many ports as this.
PORTS_OF_BRANCHES = 15000


def is_production(scope: Construct) -> bool:
    """Whether the app is production, which it is without `-c preview=…`."""
    return _preview_of(scope) is None


def is_base(scope: Construct) -> bool:
    """Whether the app is what the previews share: `-c preview=base`."""
    return _preview_of(scope) == BASE


def is_preview(scope: Construct) -> bool:
    """Whether the app is a preview: `-c preview=17` or `-c preview=feature/search`."""
    return not is_production(scope) and not is_base(scope)


def stack_id(app: App, construct_id: str) -> str:
    """The id of a stack: a preview has stacks of its own, beside those of production."""
    preview = _preview_of(app)
    return construct_id if preview is None else f"Preview-{_name_of(preview)}-{construct_id}"


def schema_options(scope: Construct, server: str) -> Dict[str, Any]:
    """The schema of a server: that of a preview has the name of the preview, and goes with it."""
    preview = _preview_of(scope)
    if preview is None or preview == BASE:
        return {}
    name = f"preview_{_name_of(preview).replace('-', '_')}_{server}"
    return {"schema_name": name, "removal_policy": RemovalPolicy.DESTROY}


def preview_port(scope: Construct) -> int:
    """The port of a preview on the load balancer that previews share.

    A pull request has one of its own. Two branches may fall on the same one.
    """
    preview = _preview_of(scope) or ""
    if re.fullmatch("[1-9][0-9]{0,4}", preview) and int(preview) <= LAST_PULL_REQUEST:
        return FIRST_PORT + int(preview)
    return FIRST_PORT + LAST_PULL_REQUEST + 1 + int(_hash_of(preview)[:8], 16) % PORTS_OF_BRANCHES


def end_preview(app: App) -> None:
    """Lets CloudFormation delete all that is not production, and has it delete a preview in time. What the previews share stays."""
    if is_production(app):
        return
    for child in app.node.children:
        if Stack.is_stack(child):
            stack = Stack.of(child)
            RemovalPolicies.of(stack).destroy()
            if is_base(app):
                Validations.of(stack).acknowledge(
                    Acknowledgment(
                        id="Flue-PrivateDatabase[DeletionPolicy]", reason="The database of the previews holds nothing that must stay."
                    ),
                )
            else:
                FlueExpiry(stack, "Expiry", at=datetime.now(timezone.utc) + LIFETIME)


def _preview_of(scope: Construct) -> Optional[str]:
    preview = scope.node.try_get_context("preview")
    if preview is None:
        return None
    # an empty variable of a workflow must not deploy production
    if not isinstance(preview, str) or preview == "":
        raise ValueError(
            f"The context `preview` must be a branch, or the number of a pull request, as text, got: {preview!r}. Pass -c preview=17."
        )
    return preview


def _name_of(preview: str) -> str:
    """A pull request has its number. A branch has the beginning of its name and a hash of all of it, so no two branches share one."""
    if preview == BASE:
        return "Base"
    if re.fullmatch("[0-9]{1,9}", preview):
        return preview
    words = re.sub("[^a-z0-9]+", "-", preview.lower()).strip("-")[:24].rstrip("-")
    return f"{words or 'branch'}-{_hash_of(preview)[:10]}"


def _hash_of(preview: str) -> str:
    return sha256(preview.encode()).hexdigest()
