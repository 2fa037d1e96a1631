"""What moto's rules of a listener lack: regular expressions for a path."""

from __future__ import annotations

import re
from typing import Any

from moto.elbv2.exceptions import InvalidConditionValueError
from moto.elbv2.models import ELBv2Backend

#: By the guide of Elastic Load Balancing: characters of a regular expression, and values of a condition.
LONGEST, MOST = 128, 5

_validate = ELBv2Backend._validate_path_pattern_condition


def _validate_path(self: ELBv2Backend, condition: dict[str, Any]) -> None:
    config = condition.get("PathPatternConfig", {})
    if "RegexValues" not in config:
        _validate(self, condition)
        return
    if condition.get("Values") or config.get("Values"):
        raise InvalidConditionValueError("You cannot provide both values and regular expressions for a condition of type 'path-pattern'")
    if not 1 <= len(config["RegexValues"]) <= MOST:
        raise InvalidConditionValueError(f"A condition takes one to {MOST} regular expressions")
    for value in config["RegexValues"]:
        if len(value) > LONGEST:
            raise InvalidConditionValueError(f"The regular expression '{value}' is too long; the limit is '{LONGEST}'")
        try:
            re.compile(value)
        except re.error as error:
            raise InvalidConditionValueError(f"The regular expression '{value}' is not valid: {error}") from error


def install() -> None:
    ELBv2Backend._validate_path_pattern_condition = _validate_path
