"""Faults of a server that is shared out over two tasks."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

import world
from faults import changed_service, fault, opened, security_group, task
from world import SHARDS, api, resource

RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"


@contextlib.contextmanager
def _rule(key: str, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    arn = resource(SHARDS, RULE, key)
    before = {name: api("elbv2").describe_rules(RuleArns=[arn])["Rules"][0][name] for name in ("Conditions", "Actions")}
    changed = copy.deepcopy(before)
    change(changed)
    api("elbv2").modify_rule(RuleArn=arn, **changed)
    yield
    api("elbv2").modify_rule(RuleArn=arn, **before)


def _regex(change: Callable[[str], str]) -> Callable[[dict[str, Any]], None]:
    def apply(rule: dict[str, Any]) -> None:
        (condition,) = rule["Conditions"]
        condition["PathPatternConfig"]["RegexValues"] = [change(regex) for regex in condition["PathPatternConfig"]["RegexValues"]]

    return apply


def _target(key: str) -> str:
    return str(world.service(SHARDS, key)["loadBalancers"][0]["targetGroupArn"])


@contextlib.contextmanager
def _told(name: str, change: Callable[[str], str]) -> Iterator[None]:
    """Another value of a variable, in whichever container of the second shard has it."""

    def apply(definition: dict[str, Any]) -> None:
        for container in definition["containerDefinitions"]:
            for entry in container["environment"]:
                if entry["name"] == name:
                    entry["value"] = change(entry["value"])

    with task(apply, SHARDS, "AgentsShard1"):
        yield


@fault("an id that ends in a capital Z, which no rule knows", "shards: the last character")
def _() -> Iterator[None]:
    with _rule("AgentsRulesShard1", _regex(lambda regex: regex.replace("zZ", "z"))):
        yield


@fault("ids of the second shard that go to the first", "shards: the last character")
def _() -> Iterator[None]:
    with _rule("AgentsRulesShard1", lambda rule: rule.update(Actions=[{"Type": "forward", "TargetGroupArn": _target("AgentsShard0")}])):
        yield


@fault("webhooks that go to the second shard", "shards: what has no id")
def _() -> Iterator[None]:
    with _rule("AgentsRulesHomePaths", lambda rule: rule.update(Actions=[{"Type": "forward", "TargetGroupArn": _target("AgentsShard1")}])):
        yield


@fault("letters as codes that a shard answers for", "shards: an id with a plain character")
def _() -> Iterator[None]:
    with _rule("AgentsRulesUnreadable", _regex(lambda regex: regex.replace("[46][1-9a-fA-F]|", ""))):
        yield


@fault("two tasks of one shard", "shards: one task each")
def _() -> Iterator[None]:
    with changed_service(SHARDS, "AgentsShard1", desiredCount=2):
        yield


@fault("a shard that cuts its prompts after 15 s", "shards: both drain")
def _() -> Iterator[None]:
    key = "deregistration_delay.timeout_seconds"
    for seconds in ("15", "600"):
        api("elbv2").modify_target_group_attributes(TargetGroupArn=_target("AgentsShard1"), Attributes=[{"Key": key, "Value": seconds}])
        if seconds == "15":
            yield


@fault("a second shard that takes itself for the first", "shards: each server knows")
def _() -> Iterator[None]:
    with _told("NODE_OPTIONS", lambda options: options.replace("own=1", "own=0")):
        yield


@fault("a server that does not wait for its schema", "shards: each server waits")
def _() -> Iterator[None]:
    def forget(definition: dict[str, Any]) -> None:
        definition["containerDefinitions"][0]["dependsOn"][0]["condition"] = "START"

    with task(forget, SHARDS, "AgentsShard1"):
        yield


@fault("a second shard with the schema of the first", "shards: each server waits")
def _() -> Iterator[None]:
    def share(definition: dict[str, Any]) -> None:
        definition["containerDefinitions"][0]["secrets"] = [
            {"name": "DATABASE_URL", "valueFrom": resource(SHARDS, "AWS::SecretsManager::Secret", "DatabaseSchemasAgentsShard0Url")}
        ]

    with task(share, SHARDS, "AgentsShard1"):
        yield


@fault("a shard that was made for four", "shards: each schema")
def _() -> Iterator[None]:
    with _told("SCHEMA_PARTITION", lambda partition: partition.replace("2", "4")):
        yield


@fault("a shard that the internet may reach past the load balancer", "shards: who reaches whom")
def _() -> Iterator[None]:
    with opened(security_group(SHARDS, "AgentsShard0SecurityGroup"), 8080):
        yield
