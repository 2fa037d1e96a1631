"""What ends a deployment, said to whoever deploys."""

from moto.core.exceptions import ServiceException


class DeploymentError(Exception):
    """A resource cannot be created, changed or deleted."""


class Refused(ServiceException):
    """What an API answers that refuses."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
