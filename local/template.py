"""template.yaml, read as SAM would deploy it: the one source of routes, tables, environment and policies.

Used by `make run` and by the tests, so that neither can drift from what is deployed.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
REGION = "eu-west-1"
ACCOUNT = "123456789012"
_PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "rekey",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/rekey/5f2d6f40-0000-11f1-8000-0a1b2c3d4e5f",
}


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref x` is `{"Ref": x}`, `!Sub x` is `{"Fn::Sub": x}`."""


def _short_form(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".")
    return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _short_form)


@dataclass
class Template:
    """The template with chosen parameters. `physical` names resources that exist; others go by their logical names."""

    document: dict[str, Any]
    parameters: dict[str, str]
    physical: dict[str, str] = field(default_factory=dict)

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical name to unresolved properties of the resources of a type."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.document["Resources"].items()
            if resource["Type"] == kind
        }

    def nested(self, name: str) -> Template:
        """The template of a nested stack, with the parameters that this one sets. Raises ParameterError."""
        properties = self.resources("AWS::Serverless::Application")[name]
        return load_template(self.resolve(properties["Parameters"]), ROOT / properties["Location"])

    def functions(self) -> dict[str, dict[str, Any]]:
        """Each function's resolved properties, those of Globals included, by its module's name: `forgot`."""
        shared = self.document["Globals"]["Function"]
        found = {}
        for properties in self.resources("AWS::Serverless::Function").values():
            merged = {**shared, **properties}
            merged["Environment"] = {
                "Variables": {
                    **shared["Environment"]["Variables"],
                    **properties.get("Environment", {}).get("Variables", {}),
                }
            }
            found[properties["Handler"].partition(".")[0]] = self.resolve(merged)
        return found

    def environment(self, function: str | None = None) -> dict[str, str]:
        """A function's variables, or those of all functions together."""
        functions = self.functions()
        chosen = [functions[function]] if function else list(functions.values())
        return {name: str(value) for each in chosen for name, value in each["Environment"]["Variables"].items()}

    def routes(self) -> dict[str, str]:
        """Route key (`POST /forgot`) to function."""
        return {key: name for key, name, _ in self._http_events()}

    def signed_routes(self) -> set[str]:
        """The keys of those that take only calls signed with IAM credentials."""
        return {key for key, _, event in self._http_events() if event.get("Auth") == {"Authorizer": "AWS_IAM"}}

    def _http_events(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Each route's key, function and properties."""
        return [
            (f"{event['Properties']['Method'].upper()} {event['Properties']['Path']}", name, event["Properties"])
            for name, properties in self.functions().items()
            for event in properties.get("Events", {}).values()
            if event["Type"] == "HttpApi"
        ]

    def tables(self) -> list[dict[str, Any]]:
        """Arguments of CreateTable for each table."""
        kept = ("BillingMode", "AttributeDefinitions", "KeySchema", "StreamSpecification")
        tables = []
        for name, properties in self.resources("AWS::DynamoDB::Table").items():
            table = {key: self.resolve(properties[key]) for key in kept if key in properties}
            if "StreamSpecification" in table:
                table["StreamSpecification"] = {"StreamEnabled": True, **table["StreamSpecification"]}
            tables.append({"TableName": self.physical.get(name, name), **table})
        return tables

    def keys(self) -> dict[str, dict[str, Any]]:
        """Arguments of CreateKey for each key, by its name."""
        kept = ("KeySpec", "KeyUsage", "Description")
        return {
            name: {each: self.resolve(properties[each]) for each in kept if each in properties}
            for name, properties in self.resources("AWS::KMS::Key").items()
        }

    def resolve(self, value: Any) -> Any:  # noqa: C901, PLR0911 - a case an intrinsic function
        """A value with its intrinsic functions carried out."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        match [*value.items()]:
            case [("Ref", name)]:
                return self._ref(name)
            case [("Fn::GetAtt", [name, attribute])]:
                return self._get_att(name, attribute)
            case [("Fn::Sub", text)]:
                return re.sub(r"\$\{([^}!]+)\}", lambda found: str(self._ref(found[1])), text)
            case [("Fn::If", [condition, then, otherwise])]:
                return self.resolve(then if self.holds(condition) else otherwise)
            case [("Fn::Equals", [left, right])]:
                return self.resolve(left) == self.resolve(right)
            case [("Fn::Not", [condition])]:
                return not self.resolve(condition)
            case [("Fn::And", conditions)]:
                return all(self.resolve(condition) for condition in conditions)
            case [("Condition", str(name))]:
                return self.holds(name)
        return {name: self.resolve(item) for name, item in value.items()}

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template is true."""
        return bool(self.resolve(self.document["Conditions"][condition]))

    def _ref(self, name: str) -> Any:
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name not in self.parameters:
            return self.physical.get(name, name)
        text = self.parameters[name]
        return text.split(",") if self.document["Parameters"][name]["Type"] == "CommaDelimitedList" else text

    def _get_att(self, name: str, attribute: str) -> str:
        if attribute in {"Arn", "StreamArn"}:
            return f"arn:{name}"
        return self.physical.get(name, name)


# Nothing on this machine calls the Internet unasked.
_LOCAL = {"BreachedPasswords": ""}


@cache
def _parse(text: str) -> Any:
    """YAML as long as template.yaml takes half a second."""
    return yaml.load(text, Loader=_Loader)


class ParameterError(Exception):
    """A parameter the template would not take, as `sam deploy` would say."""


def load_template(overrides: dict[str, str] | None = None, path: Path = ROOT / "template.yaml") -> Template:
    """Raises ParameterError for a value that the template's own rules refuse."""
    document = copy.deepcopy(_parse(path.read_text()))
    declared = document["Parameters"]
    parameters = {name: str(rules["Default"]) for name, rules in declared.items() if "Default" in rules}
    parameters |= {name: value for name, value in _LOCAL.items() if name in declared}
    for name, value in (overrides or {}).items():
        if name not in declared:
            raise ParameterError(f"{name}: the template has no such parameter")
        _check(name, value, declared[name])
        parameters[name] = value
    return Template(document, parameters)


def _check(name: str, value: str, rules: dict[str, Any]) -> None:
    if "AllowedValues" in rules and value not in map(str, rules["AllowedValues"]):
        raise ParameterError(f"{name}: one of {', '.join(map(str, rules['AllowedValues']))}")
    values = value.split(",") if rules["Type"] == "CommaDelimitedList" else [value]
    if "AllowedPattern" in rules and not all(re.fullmatch(rules["AllowedPattern"], each) for each in values):
        raise ParameterError(f"{name}: must match {rules['AllowedPattern']}")
    if rules["Type"] == "Number":
        if not value.isdecimal():
            raise ParameterError(f"{name}: a whole number")
        if not rules.get("MinValue", 0) <= int(value) <= rules.get("MaxValue", int(value)):
            raise ParameterError(f"{name}: from {rules.get('MinValue', 0)} to {rules.get('MaxValue')}")
