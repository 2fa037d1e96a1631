"""Asks the APIs for a program in another language: a line of JSON in, a line of JSON out, until the input ends."""

from __future__ import annotations

import json
import sys
from typing import Any

import boto3

# Each registers what it checks.
import checks_shards  # noqa: F401
import world

from checks import VERSIONS, of_module

#: The checks of what a run deploys: the first example, and the stack with shards.
MODULES = ("checks", "checks_shards")


def invariants(deployed: list[str]) -> dict[str, str]:
    """What became of each check: nothing where it holds, or why it does not, or which stack it needs."""
    found = {}
    world.DEPLOYED[:] = deployed
    world.stack_resources.cache_clear()
    with world.one_round():
        for module in MODULES:
            for says, holds in of_module(module).items():
                try:
                    found[says] = "" if holds(VERSIONS[1]) else "broken"
                except world.NotDeployed as absent:
                    found[says] = f"absent {absent}"
                except Exception as error:
                    found[says] = f"broken {type(error).__name__}: {error}"
    return found


def call(service: str, operation: str, parameters: dict[str, Any], region: str) -> Any:
    """One call, or every page of it."""
    client = boto3.client(service, region_name=region) if region and world.ON_AWS else world.api(service)._client
    if client.can_paginate(operation):
        return client.get_paginator(operation).paginate(**parameters).build_full_result()
    return getattr(client, operation)(**parameters)


def answer(asked: dict[str, Any]) -> Any:
    if "invariants" in asked:
        return invariants(asked["invariants"])
    return call(asked["service"], asked["operation"], asked["parameters"], asked.get("region", ""))


def main() -> None:
    for line in sys.stdin:
        try:
            said = {"ok": True, "answer": answer(json.loads(line))}
        except Exception as error:
            said = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(said, default=str), flush=True)


if __name__ == "__main__":
    main()
