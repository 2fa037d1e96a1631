"""What must hold of a server that is shared out over two tasks."""

from __future__ import annotations

import json
import re
import string
import urllib.parse
from typing import Any

import world
from world import EVERYONE, SHARDS, api, resource

from checks import PORT, check

SECRET = "AWS::SecretsManager::Secret"
GROUP = "AWS::EC2::SecurityGroup"
#: The home shard first.
KEYS = ["AgentsShard0", "AgentsShard1"]
ID_ENDS = string.digits + string.ascii_letters


def _listener() -> dict[int, dict[str, Any]]:
    return world.listeners(resource(SHARDS, "AWS::ElasticLoadBalancingV2::LoadBalancer"))


def _targets() -> list[str]:
    return [entry["targetGroupArn"] for key in KEYS for entry in world.service(SHARDS, key)["loadBalancers"]]


def _holds(config: dict[str, Any], path: str) -> bool:
    """Whether a condition on the path holds, as Elastic Load Balancing reads it: `*` is any text."""
    patterns = [re.escape(value).replace(r"\*", ".*") for value in config.get("Values", [])]
    return any(re.fullmatch(pattern, path) for pattern in patterns) or any(re.search(regex, path) for regex in config.get("RegexValues", []))


def _answers(path: str) -> str:
    """The target group of the first rule that matches, or the status of its answer."""
    known = world.rules(_listener()[80]["ListenerArn"])
    for priority in sorted((priority for priority in known if priority != "default"), key=int):
        if all(_holds(condition["PathPatternConfig"], path) for condition in known[priority]["Conditions"]):
            break
    else:
        priority = "default"
    (action,) = known[priority]["Actions"]
    return str(action["TargetGroupArn"] if action["Type"] == "forward" else action["FixedResponseConfig"]["StatusCode"])


def _schemas() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The server of each shard, and what makes its schema."""
    found = []
    for key in KEYS:
        (server, maker) = world.task_definition(world.service(SHARDS, key)["taskDefinition"])["containerDefinitions"]
        found.append((server, maker))
    return found


@check("shards: the last character of an id leads to its shard, by regular expressions; each digit and letter leads to one")
def _ids(_: dict[str, Any]) -> bool:
    targets = _targets()
    return len(set(targets)) == 2 and all(
        _answers(f"/agents/{agent}/some-{end}{rest}") == targets[int(end, 36) % 2] for end in ID_ENDS for agent in ("one", "two") for rest in ("", "/stream")
    )


@check("shards: what has no id goes to the home shard, and so do an id that must be written in codes and the paths that the app names")
def _home(_: dict[str, Any]) -> bool:
    (home, _other) = _targets()
    return {_answers(path) for path in ("/", "/health", "/workflows/one1", "/agents/one", "/agents/one/%20", "/agents/hooks/x1", "/agents/one/_")} == {home}


@check("shards: an id with a plain character as a code is refused")
def _codes(_: dict[str, Any]) -> bool:
    return {_answers(f"/agents/one/x%{ord(end):02x}") for end in ID_ENDS} == {"400"}


@check("shards: one task each, one cluster, a target group each that is checked at /health, and no second task beside it in a deployment")
def _services(_: dict[str, Any]) -> bool:
    services = [world.service(SHARDS, key) for key in KEYS]
    groups = [world.target_group(arn) for arn in _targets()]
    how = [service["deploymentConfiguration"] for service in services]
    return (
        [service["desiredCount"] for service in services] == [1, 1]
        and len({service["clusterArn"] for service in services}) == 1
        and len({service["serviceArn"] for service in services}) == len({group["TargetGroupArn"] for group in groups}) == 2
        and all((group["Port"], group["TargetType"], group["HealthCheckPath"]) == (PORT, "ip", "/health") for group in groups)
        and all((it["minimumHealthyPercent"], it["maximumPercent"]) == (0, 100) for it in how)
    )


@check("shards: both drain for as long as the fleet says, ten minutes where nobody is in a hurry, as a server on its own may not")
def _drain(v: dict[str, Any]) -> bool:
    delays = [world.target_group_attributes(arn)["deregistration_delay.timeout_seconds"] for arn in _targets()]
    return delays == [v["drain"]] * 2


@check("shards: each server knows which of two it is, and refuses the ids of the other")
def _guards(_: dict[str, Any]) -> bool:
    options = [urllib.parse.unquote(world.environment(server)["NODE_OPTIONS"]) for server, _maker in _schemas()]
    return [re.findall(r"const own=(\d+),of=(\d+),", text) for text in options] == [[("0", "2")], [("1", "2")]]


@check("shards: each server waits for the one container that makes its schema, which alone gets the administrator's secret")
def _makers(_: dict[str, Any]) -> bool:
    administrator = resource(SHARDS, SECRET, "DatabaseCredentials")
    for key, (server, maker) in zip(KEYS, _schemas(), strict=True):
        url = resource(SHARDS, SECRET, f"DatabaseSchemas{key}Url")
        known = [{secret["name"]: secret["valueFrom"] for secret in container["secrets"]} for container in (server, maker)]
        wanted = {"SCHEMA_URL": url, "ADMIN_USER": f"{administrator}:username::", "ADMIN_PASSWORD": f"{administrator}:password::"}
        if known != [{"DATABASE_URL": url}, wanted] or maker["essential"]:
            return False
        if server["dependsOn"] != [{"containerName": maker["name"], "condition": "SUCCESS"}] or maker["image"] != server["image"]:
            return False
    return True


@check("shards: each schema has a role of its own, and both are told of one fleet how its ids are shared out")
def _partition(_: dict[str, Any]) -> bool:
    urls = [api("secretsmanager").get_secret_value(SecretId=resource(SHARDS, SECRET, f"DatabaseSchemas{key}Url"))["SecretString"] for key in KEYS]
    own = [json.loads(api("secretsmanager").get_secret_value(SecretId=resource(SHARDS, SECRET, f"DatabaseSchemas{key}Credentials"))["SecretString"]) for key in KEYS]
    told = {(env["SCHEMA_FLEET"], env["SCHEMA_PARTITION"]) for env in (world.environment(maker) for _server, maker in _schemas())}
    users = [urllib.parse.urlsplit(url).username for url in urls]
    return (
        told == {("Agents", "lastCharacter of 2")}
        and users == [known["username"] for known in own] == ["agents_shard0", "agents_shard1"]
        and all(known["password"] in url for known, url in zip(own, urls, strict=True))
    )


@check("shards: who reaches whom: everyone the load balancer, it the tasks of both, and they the database")
def _edges(_: dict[str, Any]) -> bool:
    balancer, tasks = resource(SHARDS, GROUP, "AgentsShard0LoadBalancer"), resource(SHARDS, GROUP, "AgentsShard0SecurityGroup")
    groups = [world.service(SHARDS, key)["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] for key in KEYS]
    return groups == [[tasks]] * 2 and world.edges("in", resource(SHARDS, "AWS::EC2::VPC")) == {
        (EVERYONE, balancer, "tcp 80-80"),
        (balancer, tasks, f"tcp {PORT}-{PORT}"),
        (tasks, resource(SHARDS, GROUP, "DatabaseSecurityGroup"), "tcp 5432-5432"),
    }
