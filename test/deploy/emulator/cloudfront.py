"""What moto's CloudFront lacks: VPC origins, and a memory for everything that a distribution is told."""

from __future__ import annotations

import uuid
from typing import Any

from moto.cloudfront import urls
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from .api import client
from .errors import Refused

_distributions: dict[str, dict[str, Any]] = {}
_origins: dict[str, dict[str, Any]] = {}


def _tag() -> str:
    return f"E{uuid.uuid4().hex[:12].upper()}"


def _find(self: CloudFrontResponse, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    it = known.get(self._get_param("Id"))
    if it is None:
        raise Refused("EntityNotFound", "There is no such entity.")
    return it


def _find_unchanged(self: CloudFrontResponse, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    it = _find(self, known)
    if self._get_param("IfMatch") != it["ETag"]:
        raise Refused("PreconditionFailed", "The tag is not the one of the current version.")
    return it


def _origins_of(config: dict[str, Any]) -> set[str]:
    return {origin["VpcOriginConfig"]["VpcOriginId"] for origin in config["Origins"]["Items"] if "VpcOriginConfig" in origin}


def _shown(key: str, it: dict[str, Any]) -> ActionResult:
    return ActionResult({key: {name: value for name, value in it.items() if name != "ETag"}, "ETag": it["ETag"]})


def _require(self: CloudFrontResponse, config: dict[str, Any]) -> None:
    """What CloudFront itself would look up."""
    if config["DefaultCacheBehavior"]["TargetOriginId"] not in [origin["Id"] for origin in config["Origins"]["Items"]]:
        raise Refused("NoSuchOrigin", "No origin has the id of the default behaviour's target.")
    if _origins_of(config) - _origins.keys():
        raise Refused("EntityNotFound", "There is no such VPC origin.")
    certificate = config.get("ViewerCertificate", {}).get("ACMCertificateArn")
    if config.get("Aliases", {}).get("Items") and not certificate:
        raise Refused("InvalidViewerCertificate", "A distribution with aliases needs a certificate.")
    if certificate:
        if certificate.split(":")[3] != "us-east-1":
            raise Refused("InvalidViewerCertificate", "The certificate must be in us-east-1.")
        client("acm", "us-east-1").describe_certificate(CertificateArn=certificate)
    acl = config.get("WebACLId")
    if acl:
        scoped = client("wafv2", "us-east-1").list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
        if acl not in [known["ARN"] for known in scoped]:
            raise Refused("InvalidWebACLId", "There is no such web ACL of the scope CLOUDFRONT.")


def _create(self: CloudFrontResponse) -> ActionResult:
    config = self._get_param("DistributionConfig")
    _require(self, config)
    name = _tag()
    _distributions[name] = {
        "Id": name,
        "ARN": f"arn:aws:cloudfront::{self.current_account}:distribution/{name}",
        "Status": "Deployed",
        "LastModifiedTime": utcnow(),
        "InProgressInvalidationBatches": 0,
        "DomainName": f"{name.lower()}.cloudfront.net",
        "DistributionConfig": config,
        "ETag": _tag(),
    }
    return _shown("Distribution", _distributions[name])


def _get(self: CloudFrontResponse) -> ActionResult:
    return _shown("Distribution", _find(self, _distributions))


def _get_config(self: CloudFrontResponse) -> ActionResult:
    it = _find(self, _distributions)
    return ActionResult({"DistributionConfig": it["DistributionConfig"], "ETag": it["ETag"]})


def _update(self: CloudFrontResponse) -> ActionResult:
    it = _find_unchanged(self, _distributions)
    config = self._get_param("DistributionConfig")
    _require(self, config)
    it.update(DistributionConfig=config, ETag=_tag())
    return _shown("Distribution", it)


def _delete(self: CloudFrontResponse) -> EmptyResult:
    it = _find_unchanged(self, _distributions)
    if it["DistributionConfig"]["Enabled"]:
        raise Refused("DistributionNotDisabled", "The distribution is enabled.")
    del _distributions[it["Id"]]
    return EmptyResult()


def _list(self: CloudFrontResponse) -> ActionResult:
    items = [{**it, **it["DistributionConfig"]} for it in _distributions.values()]
    return ActionResult({"DistributionList": {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(items), "Items": items}})


def _create_origin(self: CloudFrontResponse) -> ActionResult:
    config = self._get_param("VpcOriginEndpointConfig")
    api = client("elbv2", "us-east-1")
    (balancer,) = api.describe_load_balancers(LoadBalancerArns=[config["Arn"]])["LoadBalancers"]
    attached = [{"Name": "attachment.vpc-id", "Values": [balancer["VpcId"]]}]
    if not client("ec2", "us-east-1").describe_internet_gateways(Filters=attached)["InternetGateways"]:
        raise Refused("InvalidArgument", "The VPC of the origin has no internet gateway.")
    if not api.describe_listeners(LoadBalancerArn=config["Arn"])["Listeners"]:
        raise Refused("InvalidArgument", "The load balancer has no listener.")
    name = f"vo_{uuid.uuid4().hex[:22]}"
    arn = f"arn:aws:cloudfront::{self.current_account}:vpcorigin/{name}"
    now = utcnow()
    _origins[name] = {
        "Id": name, "Arn": arn, "Status": "Deployed", "CreatedTime": now, "LastModifiedTime": now, "VpcOriginEndpointConfig": config, "ETag": _tag(),
    }  # fmt: skip
    return _shown("VpcOrigin", _origins[name])


def _get_origin(self: CloudFrontResponse) -> ActionResult:
    return _shown("VpcOrigin", _find(self, _origins))


def _delete_origin(self: CloudFrontResponse) -> ActionResult:
    it = _find_unchanged(self, _origins)
    if any(it["Id"] in _origins_of(distribution["DistributionConfig"]) for distribution in _distributions.values()):
        raise Refused("CannotDeleteEntityWhileInUse", "A distribution uses the VPC origin.")
    del _origins[it["Id"]]
    return _shown("VpcOrigin", it)


def _list_origins(self: CloudFrontResponse) -> ActionResult:
    items = [{**it, "OriginEndpointArn": it["VpcOriginEndpointConfig"]["Arn"]} for it in _origins.values()]
    return ActionResult({"VpcOriginList": {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(items), "Items": items}})


def install() -> None:
    CloudFrontResponse.create_distribution = _create
    CloudFrontResponse.get_distribution = _get
    CloudFrontResponse.get_distribution_config = _get_config
    CloudFrontResponse.update_distribution = _update
    CloudFrontResponse.delete_distribution = _delete
    CloudFrontResponse.list_distributions = _list
    CloudFrontResponse.create_vpc_origin = _create_origin
    CloudFrontResponse.get_vpc_origin = _get_origin
    CloudFrontResponse.delete_vpc_origin = _delete_origin
    CloudFrontResponse.list_vpc_origins = _list_origins
    urls.url_paths["{0}/2020-05-31/vpc-origin$"] = CloudFrontResponse.dispatch
    urls.url_paths["{0}/2020-05-31/vpc-origin/(?P<origin_id>[^/]+)$"] = CloudFrontResponse.dispatch
