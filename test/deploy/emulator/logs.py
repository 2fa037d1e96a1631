"""What moto's CloudWatch Logs lacks: saved queries."""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse

_queries: dict[str, dict[str, Any]] = {}


def _put(self: LogsResponse) -> str:
    groups = self._get_param("logGroupNames", [])
    for group in groups:
        if group not in self.logs_backend.groups:
            raise ResourceNotFoundException()
    key = self._get_param("queryDefinitionId") or str(uuid.uuid4())
    _queries[key] = {
        "queryDefinitionId": key, "name": self._get_param("name"), "queryString": self._get_param("queryString"), "logGroupNames": groups,
    }  # fmt: skip
    return json.dumps({"queryDefinitionId": key})


def _describe(self: LogsResponse) -> str:
    prefix = self._get_param("queryDefinitionNamePrefix", "")
    return json.dumps({"queryDefinitions": [query for query in _queries.values() if query["name"].startswith(prefix)]})


def _delete(self: LogsResponse) -> str:
    if _queries.pop(self._get_param("queryDefinitionId"), None) is None:
        raise ResourceNotFoundException()
    return json.dumps({"success": True})


def install() -> None:
    LogsResponse.put_query_definition = _put
    LogsResponse.describe_query_definitions = _describe
    LogsResponse.delete_query_definition = _delete
