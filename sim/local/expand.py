"""Prints a SAM template as CloudFormation will see it, after the transform."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """The template names no managed policy, so none has to be looked up."""

    def load(self) -> dict[str, str]:
        return {}


def nulls(value: object, path: str = "") -> Iterator[str]:
    """The path of every null."""
    if value is None:
        yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield from nulls(inner, f"{path}/{key}")


template = yaml_parse(Path(sys.argv[1]).read_text())
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://bucket/key"
expanded = transform(template, {}, NoManagedPolicies())
if found := list(nulls(expanded)):
    sys.exit(f"null, which CloudFormation refuses in a template, at {', '.join(found)}")
json.dump(expanded, sys.stdout, indent=2)
