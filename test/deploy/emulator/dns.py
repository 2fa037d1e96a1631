"""Route 53 Resolver DNS Firewall, which moto lacks: lists of domains, groups of rules, and the VPCs that they hold for. No name is looked up."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from botocore.exceptions import ClientError
from moto.route53resolver.responses import Route53ResolverResponse

from .api import client
from .errors import Refused
from .handler import Handler, Resource, resource

DOMAIN = re.compile(r"\*|(\*\.)?([A-Za-z0-9_-]{1,63}\.)+[A-Za-z0-9_-]{1,63}\.?")
#: AWS Firewall Manager keeps the priorities below and above.
PRIORITIES = range(101, 9900)

_lists: dict[str, dict[str, Any]] = {}
_groups: dict[str, dict[str, Any]] = {}
_associations: dict[str, dict[str, Any]] = {}


@resource("AWS::Route53Resolver::FirewallDomainList")
class DomainList(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        domains = p.pop("Domains", [])
        made = self.call("route53resolver", "create_firewall_domain_list", p, Name=p.pop("Name", self.name(64)), CreatorRequestId=self.name(64))
        key = made["FirewallDomainList"]["Id"]
        self._fill(key, domains)
        return self.made(key, Id=key, Arn=made["FirewallDomainList"]["Arn"])

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.only(changed, "Domains")
        self._fill(it.physical_resource_id, p["Domains"])

    def _fill(self, key: str, domains: list[str]) -> None:
        self.call("route53resolver", "update_firewall_domains", FirewallDomainListId=key, Operation="REPLACE", Domains=domains)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("route53resolver", "delete_firewall_domain_list", FirewallDomainListId=it.physical_resource_id)


@resource("AWS::Route53Resolver::FirewallRuleGroup")
class RuleGroup(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        rules = p.pop("FirewallRules", [])
        made = self.call("route53resolver", "create_firewall_rule_group", p, Name=p.pop("Name", self.name(64)), CreatorRequestId=self.name(64))
        key = made["FirewallRuleGroup"]["Id"]
        for rule in rules:
            self.call("route53resolver", "create_firewall_rule", rule, FirewallRuleGroupId=key, Name=self.name(64), CreatorRequestId=self.name(64))
        return self.made(key, Id=key, Arn=made["FirewallRuleGroup"]["Arn"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        key = it.physical_resource_id
        for rule in self.call("route53resolver", "list_firewall_rules", FirewallRuleGroupId=key)["FirewallRules"]:
            self.call("route53resolver", "delete_firewall_rule", FirewallRuleGroupId=key, FirewallDomainListId=rule["FirewallDomainListId"])
        self.call("route53resolver", "delete_firewall_rule_group", FirewallRuleGroupId=key)


@resource("AWS::Route53Resolver::FirewallRuleGroupAssociation")
class Association(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        made = self.call("route53resolver", "associate_firewall_rule_group", p, Name=p.pop("Name", self.name(64)), CreatorRequestId=self.name(64))
        return self.made(made["FirewallRuleGroupAssociation"]["Id"], Id=made["FirewallRuleGroupAssociation"]["Id"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("route53resolver", "disassociate_firewall_rule_group", FirewallRuleGroupAssociationId=it.physical_resource_id)


def _new(self: Route53ResolverResponse, kind: str, known: dict[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    key = f"rslvr-{kind}-{uuid.uuid4().hex[:16]}"
    known[key] = {"Id": key, "Arn": f"arn:aws:route53resolver:{self.region}:{self.current_account}:{kind}/{key}", "Name": self._get_param("Name"), **more}
    return known[key]


def _find(known: dict[str, dict[str, Any]], key: str) -> dict[str, Any]:
    if key not in known:
        raise Refused("ResourceNotFoundException", f"There is no {key}")
    return known[key]


def _shown(it: dict[str, Any]) -> dict[str, Any]:
    """Domains and rules are asked for by calls of their own."""
    return {name: value for name, value in it.items() if name not in ("Domains", "Rules")}


def _create_list(self: Route53ResolverResponse) -> str:
    return json.dumps({"FirewallDomainList": _shown(_new(self, "fdl", _lists, Domains=[]))})


def _update_domains(self: Route53ResolverResponse) -> str:
    it, operation, domains = _find(_lists, self._get_param("FirewallDomainListId")), self._get_param("Operation"), self._get_param("Domains")
    wrong = [domain for domain in domains if not DOMAIN.fullmatch(domain)]
    if wrong:
        raise Refused("ValidationException", f"{wrong[0]} is no domain")
    kept = {"REPLACE": [], "ADD": it["Domains"], "REMOVE": [known for known in it["Domains"] if known not in domains]}[operation]
    it["Domains"] = kept if operation == "REMOVE" else [*kept, *domains]
    return json.dumps({"Id": it["Id"], "Name": it["Name"], "Status": "COMPLETE"})


def _list_domains(self: Route53ResolverResponse) -> str:
    return json.dumps({"Domains": _find(_lists, self._get_param("FirewallDomainListId"))["Domains"]})


def _delete_list(self: Route53ResolverResponse) -> str:
    key = self._get_param("FirewallDomainListId")
    if any(rule["FirewallDomainListId"] == key for group in _groups.values() for rule in group["Rules"]):
        raise Refused("ConflictException", f"{key} is used by a rule")
    return json.dumps({"FirewallDomainList": _shown(_lists.pop(_find(_lists, key)["Id"]))})


def _create_group(self: Route53ResolverResponse) -> str:
    return json.dumps({"FirewallRuleGroup": _shown(_new(self, "frg", _groups, Rules=[]))})


def _create_rule(self: Route53ResolverResponse) -> str:
    group, rule = _find(_groups, self._get_param("FirewallRuleGroupId")), json.loads(self.body)
    _find(_lists, rule["FirewallDomainListId"])
    if rule["Action"] == "BLOCK" and "BlockResponse" not in rule:
        raise Refused("ValidationException", "A rule that blocks needs a BlockResponse")
    if any(rule["Priority"] == known["Priority"] for known in group["Rules"]):
        raise Refused("ValidationException", f"Two rules have the priority {rule['Priority']}")
    group["Rules"].append(rule)
    return json.dumps({"FirewallRule": rule})


def _list_rules(self: Route53ResolverResponse) -> str:
    return json.dumps({"FirewallRules": sorted(_find(_groups, self._get_param("FirewallRuleGroupId"))["Rules"], key=lambda rule: rule["Priority"])})


def _delete_rule(self: Route53ResolverResponse) -> str:
    group, key = _find(_groups, self._get_param("FirewallRuleGroupId")), self._get_param("FirewallDomainListId")
    (rule,) = [known for known in group["Rules"] if known["FirewallDomainListId"] == key]
    group["Rules"].remove(rule)
    return json.dumps({"FirewallRule": rule})


def _delete_group(self: Route53ResolverResponse) -> str:
    key = self._get_param("FirewallRuleGroupId")
    if _find(_groups, key)["Rules"] or any(known["FirewallRuleGroupId"] == key for known in _associations.values()):
        raise Refused("ConflictException", f"{key} has rules, or a VPC")
    return json.dumps({"FirewallRuleGroup": _shown(_groups.pop(key))})


def _associate(self: Route53ResolverResponse) -> str:
    group, vpc, priority = _find(_groups, self._get_param("FirewallRuleGroupId"))["Id"], self._get_param("VpcId"), self._get_param("Priority")
    try:
        client("ec2", self.region).describe_vpcs(VpcIds=[vpc])
    except ClientError as unknown:
        raise Refused("ResourceNotFoundException", f"There is no {vpc}") from unknown
    if priority not in PRIORITIES:
        raise Refused("ValidationException", f"The priority {priority} is kept for AWS Firewall Manager")
    if any(known["VpcId"] == vpc and priority == known["Priority"] for known in _associations.values()):
        raise Refused("ValidationException", f"{vpc} has a group with the priority {priority}")
    made = _new(self, "frgassoc", _associations, FirewallRuleGroupId=group, VpcId=vpc, Priority=priority, MutationProtection="DISABLED")
    return json.dumps({"FirewallRuleGroupAssociation": made})


def _disassociate(self: Route53ResolverResponse) -> str:
    return json.dumps({"FirewallRuleGroupAssociation": _associations.pop(_find(_associations, self._get_param("FirewallRuleGroupAssociationId"))["Id"])})


def install() -> None:
    for operation, answer in {
        "create_firewall_domain_list": _create_list,
        "update_firewall_domains": _update_domains,
        "list_firewall_domains": _list_domains,
        "list_firewall_domain_lists": lambda _: json.dumps({"FirewallDomainLists": [_shown(it) for it in _lists.values()]}),
        "delete_firewall_domain_list": _delete_list,
        "create_firewall_rule_group": _create_group,
        "list_firewall_rule_groups": lambda _: json.dumps({"FirewallRuleGroups": [_shown(it) for it in _groups.values()]}),
        "delete_firewall_rule_group": _delete_group,
        "create_firewall_rule": _create_rule,
        "list_firewall_rules": _list_rules,
        "delete_firewall_rule": _delete_rule,
        "associate_firewall_rule_group": _associate,
        "list_firewall_rule_group_associations": lambda _: json.dumps({"FirewallRuleGroupAssociations": list(_associations.values())}),
        "disassociate_firewall_rule_group": _disassociate,
    }.items():
        setattr(Route53ResolverResponse, operation, answer)
