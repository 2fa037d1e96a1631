"""cfn-lint, without what it does hundreds of thousands of times and could do at once: `quick_lint.py ARGUMENTS` finds what `cfn-lint ARGUMENTS` finds.

It keeps what it knows in frozen dataclasses, of which each step into a template makes others. Their constructors take most of the time: a copy of
what an object holds is the same. And it builds a class of validators where one of the same parts is there already.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import Any

from cfnlint import helpers
from cfnlint.context import context
from cfnlint.helpers import FUNCTIONS
from cfnlint.jsonschema import _filter, validators
from cfnlint.jsonschema._utils import Unset
from cfnlint.runner import main


def changed(self: Any, **changes: Any) -> Any:
    """A copy of an object with some attributes of its own."""
    other = object.__new__(type(self))
    held = other.__dict__
    held.update(self.__dict__)
    held.update(changes)
    return other


def changed_context(self: context.Context, **changes: Any) -> context.Context:
    if "ref_values" in changes:
        changes["ref_values"] = {**self.ref_values, **changes["ref_values"]}
    other = changed(self, **changes)
    # which it remembers of the resources
    other.__dict__.pop("module_names", None)
    return other


def descended(self: context.Path, **steps: Any) -> context.Path:
    if steps.get("cfn_path") in FUNCTIONS:
        raise ValueError(f"{steps['cfn_path']!r} cannot be in 'cfn_path'")
    if isinstance(steps.get("cfn_path"), int):
        raise ValueError(f"{steps['cfn_path']!r} cannot be an integer")
    return changed(self, **{name: self.__dict__[name] + deque([step]) for name, step in steps.items() if step is not None})


create = validators.create
classes: dict[Any, Any] = {}


def create_once(validators: Any = None, function_filter: Any = None, fn_resolvers: Any = None) -> Any:
    """A class of validators, which is the same for the same keywords."""
    own = function_filter and (*function_filter.group_functions, function_filter.add_cfn_lint_keyword, function_filter.validate_dynamic_references)
    key = (tuple((validators or {}).items()), own, tuple((fn_resolvers or {}).items()))
    if key not in classes:
        classes[key] = create(validators, function_filter, fn_resolvers)
        classes[key].evolve = changed
    return classes[key]


def judge_by_keyword(self: Any, validator: Any, keywords: Any, instance: Any, schema: Any) -> Any:
    """As `CfnLint.cfnLint`, by an index of its rules: it has hundreds."""
    validator = validator.evolve(function_filter=validator.function_filter.evolve(add_cfn_lint_keyword=False))
    rules = tuple(self.child_rules.values())
    if self.__dict__.get("indexed") != rules:
        self.indexed, self.index = rules, {}
        for rule in rules:
            for keyword in rule.keywords if rule is not None and rule.id else ():
                self.index.setdefault(keyword, []).append(rule)
    for keyword in keywords:
        for rule in self.index.get(keyword, ()):
            for error in rule.validate(validator, keyword, instance, schema):
                if error.rule is None and isinstance(error.validator, Unset):
                    error.rule = rule
                yield error


import_filename = helpers.import_filename


def import_rules(name: str, root: str) -> Any:
    module = import_filename(name, root)
    if name == "CfnLint":
        module.CfnLint.cfnLint = judge_by_keyword
    return module


context.Context.evolve = changed_context
context.Path.evolve = changed
context.Path.descend = descended
_filter.FunctionFilter.evolve = changed
validators.create = create_once
for made in (validators.CfnTemplateValidator, validators.StandardValidator):
    made.evolve = changed
helpers.import_filename = import_rules

if __name__ == "__main__":
    sys.exit(main())
