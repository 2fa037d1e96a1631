import re
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Optional

from aws_cdk import Acknowledgment, App, RemovalPolicies, Stack, Validations
from cdk_flue import FlueExpiry
from constructs import Construct

# How long a preview stays after its last deployment.
LIFETIME = timedelta(days=3)


def is_preview(scope: Construct) -> bool:
    """Whether the app is a preview, `-c preview=17` or `-c preview=feature/search`. Without it, the app is production."""
    return _preview_of(scope) is not None


def stack_id(app: App, construct_id: str) -> str:
    """The id of a stack: a preview has stacks of its own, beside those of production."""
    preview = _preview_of(app)
    return construct_id if preview is None else f"Preview-{_name_of(preview)}-{construct_id}"


def end_preview(app: App, shared: Stack) -> None:
    """Lets CloudFormation delete all of a preview, and has it do so in time. The stack that the others share goes last."""
    if not is_preview(app):
        return
    for child in app.node.children:
        if Stack.is_stack(child):
            stack = Stack.of(child)
            RemovalPolicies.of(stack).destroy()
            Validations.of(stack).acknowledge(
                Acknowledgment(id="Flue-PrivateDatabase[DeletionPolicy]", reason="The database of a preview goes away with it."),
            )
            later = timedelta(hours=1) if stack.node.path == shared.node.path else timedelta()
            FlueExpiry(stack, "Expiry", at=datetime.now(timezone.utc) + LIFETIME + later)


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
    if re.fullmatch("[0-9]{1,9}", preview):
        return preview
    words = re.sub("[^a-z0-9]+", "-", preview.lower()).strip("-")[:24].rstrip("-")
    return f"{words or 'branch'}-{sha256(preview.encode()).hexdigest()[:10]}"
