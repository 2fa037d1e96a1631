"""Types that only the stack of `cdk bootstrap` has: moto's own models of them are taken as they are."""

from __future__ import annotations

from typing import Any

from moto.cloudformation.parsing import get_model_map

from .handler import Handler, Resource, resource


class MotoModel(Handler):
    attributes: tuple[str, ...] = ()

    def create(self, p: dict[str, Any]) -> Resource:
        model = get_model_map()[self.kind]
        named = p.get(model.cloudformation_name_type() or "", self.name(63).lower())
        made = model.create_from_cloudformation_json(named, {"Type": self.kind, "Properties": p}, self.account, self.region)
        return self.made(made.physical_resource_id, **{name: made.get_cfn_attribute(name) for name in self.attributes})

    def delete(self, it: Resource, snapshot: bool) -> None:
        get_model_map()[self.kind].delete_from_cloudformation_json(it.physical_resource_id, {"Properties": {}}, self.account, self.region)


@resource("AWS::ECR::Repository")
class Repository(MotoModel):
    attributes = ("Arn",)


@resource("AWS::SSM::Parameter")
class Parameter(MotoModel):
    pass
