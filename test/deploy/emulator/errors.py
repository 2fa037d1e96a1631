"""What ends a deployment, said to whoever deploys."""


class DeploymentError(Exception):
    """A resource cannot be created, changed or deleted."""
