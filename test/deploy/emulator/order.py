"""What a resource waits for, and whether one that acts under a role waits for its policies: of IAM, that is all that can be seen here."""

from __future__ import annotations

import re
from typing import Any

from .errors import DeploymentError

#: What starts to act as soon as it is there. A flow log is not among them: it tries again for as long as it lives.
ACTORS = {
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::EC2::Instance",
    "AWS::ECS::ExpressGatewayService",
    "AWS::ECS::Service",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
}


def references(definition: Any) -> set[str]:
    """Logical ids that a definition waits for."""
    if isinstance(definition, list):
        return set().union(*map(references, definition))
    if not isinstance(definition, dict):
        return set()
    found: set[str] = set()
    for key, value in definition.items():
        if key == "Ref":
            found.add(value)
        elif key == "Fn::GetAtt":
            found.add(value[0] if isinstance(value, list) else value.split(".")[0])
        elif key == "Fn::Sub":
            found |= {name.split(".")[0] for name in re.findall(r"\${([^!}]+)}", value if isinstance(value, str) else value[0])}
            found |= references(value)
        elif key == "DependsOn" and "Type" in definition:
            found |= {value} if isinstance(value, str) else set(value)
        else:
            found |= references(value)
    return found


def require_policies(resources: dict[str, Any], graph: dict[str, set[str]]) -> None:
    """Refuses an order in which an actor may be there before a policy of its role is."""
    policies: dict[str, set[str]] = {}
    for key in graph:
        if resources[key]["Type"] == "AWS::IAM::Policy":
            for role in resources[key]["Properties"].get("Roles", []):
                policies.setdefault(role["Ref"], set()).add(key)
    for key in graph:
        kind = resources[key]["Type"]
        if kind in ACTORS or kind.startswith("Custom::"):
            before = _before(key, graph)
            # a role that the service itself names is that of a hook or of ECS, and is used when a stage is over
            # a key waits for the roles that its policy admits, and nothing acts under them for that
            keys = {name for name in graph if resources[name]["Type"] == "AWS::KMS::Key"}
            roles = _before(key, graph, keys) - (references(resources[key]["Properties"]) if kind == "AWS::ECS::Service" else set())
            late = sorted(policy for role in roles for policy in policies.get(role, set()) - before)
            if late:
                raise DeploymentError(f"{key} ({kind}) does not wait for {', '.join(late)}")


def _before(key: str, graph: dict[str, set[str]], ends: set[str] | None = None) -> set[str]:
    found: set[str] = set()
    waiting = [key]
    while waiting:
        name = waiting.pop()
        new = set() if name in (ends or set()) else graph[name] - found
        found |= new
        waiting += new
    return found
