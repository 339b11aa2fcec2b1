"""Prints ``argo_types.txt``: the Go types that can be reached from Argo's Workflow and from KFP's ScheduledWorkflow.

    python -m scripts.argo_types --argo DIR --kfp DIR --kubernetes-api DIR --apimachinery DIR

Each is a directory of sources as published: of Argo Workflows, of Kubeflow Pipelines, and of the modules ``k8s.io/api`` and
``k8s.io/apimachinery`` in the versions that Argo's ``go.mod`` names (``go mod download -json k8s.io/api@VERSION`` says where one lies).
The form is told in ``fake_kfp/simulator/manifests/types/__init__.py``.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOTS = (
    ("workflow", "Workflow"),
    ("schedule", "ScheduledWorkflow"),
    # What ParallelSteps reads by a JSON method of its own, so that none of its fields tells.
    ("workflow", "WorkflowStep"),
)

# Short names of ours for packages: where each lies, and under which path other packages import it.
PACKAGES = {
    "workflow": ("argo", "pkg/apis/workflow/v1alpha1"),
    "schedule": ("kfp", "backend/src/crd/pkg/apis/scheduledworkflow/v1beta1"),
    "common": ("kfp", "backend/src/common"),
    "core": ("kubernetes_api", "core/v1"),
    "policy": ("kubernetes_api", "policy/v1"),
    "meta": ("apimachinery", "pkg/apis/meta/v1"),
    "types": ("apimachinery", "pkg/types"),
    "intstr": ("apimachinery", "pkg/util/intstr"),
    "resource": ("apimachinery", "pkg/api/resource"),
}
# A plain v1 is core/v1; the structs of the others say whose they are.
MARKED = {"meta": "@meta", "policy": "@policy"}

BUILT_IN = frozenset(
    "bool string int int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64".split()
)
# As Go's reflection prints them.
ALIASES = {r"interface\s*\{\}": "any", r"\bbyte\b": "uint8"}


@dataclass
class Package:
    """What one package's files define."""

    name: str
    definitions: dict[str, str] = field(default_factory=dict)
    imports: dict[str, dict[str, str]] = field(default_factory=dict)
    """By type: the packages that its file imports, by the name that it calls them."""
    custom: set[str] = field(default_factory=set)
    """The types with JSON methods of their own."""


_TYPE = re.compile(r"^type\s+(\w+)\s+(struct\s*\{(?:[^{}]|\{\s*\})*\}|[^\n{]+)", re.M)
_GROUPED = re.compile(r"^type\s*\(\n(.*?)^\)", re.M | re.S)
_METHOD = re.compile(r"^func \(\w*\s*\*?(\w+)\) (?:UnmarshalJSON|MarshalJSON)\(", re.M)
_IMPORT = re.compile(r'^\s*(?:import\s+)?(?:(\w+)\s+)?"([^"]+)"', re.M)
_COMMENT = re.compile(r"`[^`]*`|\"(?:[^\"\\\n]|\\.)*\"|//[^\n]*|/\*.*?\*/", re.S)


def read_package(directory: Path) -> Package:
    """Reads the files of a package, without its tests."""
    package = Package(directory.name)
    for path in sorted(directory.glob("*.go")):
        if not path.name.endswith("_test.go"):
            _read_file(package, path.read_text(encoding="utf-8"))
    return package


def _read_file(package: Package, text: str) -> None:
    text = _COMMENT.sub(lambda match: "" if match[0].startswith("/") else match[0], text)
    head = text.partition("\ntype ")[0].partition("\nfunc ")[0]
    imports = {alias or path.rpartition("/")[2]: path for alias, path in _IMPORT.findall(head)}
    package.name = re.search(r"^package (\w+)", text, re.M)[1]
    package.custom |= set(_METHOD.findall(text))
    ungrouped = _GROUPED.sub(lambda match: re.sub(r"^\t(?=\w)", "type ", match[1], flags=re.M), text)
    for name, definition in _TYPE.findall(ungrouped):
        package.definitions[name] = definition.strip()
        package.imports[name] = imports


class Table:
    """The types reached so far, by the name that Go's reflection prints."""

    def __init__(self, directories: dict[str, Path]) -> None:
        self._packages: dict[str, Package] = {}
        self._paths: dict[str, str] = {}
        for key, (source, place) in PACKAGES.items():
            self._packages[key] = read_package(directories[source] / place)
            self._paths[place] = key
        self.lines: dict[str, list[str]] = {}

    def reach(self, key: str, name: str) -> str:
        """Adds a type and all that it needs; gives its printed name."""
        package = self._packages[key]
        shown = f"{package.name}.{name}"
        if shown not in self.lines:
            self.lines[shown] = [shown]
            self.lines[shown] = list(self._defined(key, shown, name))
        return shown

    def _defined(self, key: str, shown: str, name: str) -> Iterator[str]:
        package = self._packages[key]
        definition = package.definitions[name].removeprefix("= ")
        is_struct = definition.startswith("struct")
        if name in package.custom:
            yield f"{shown} ! {'struct' if is_struct else definition}"
        elif is_struct:
            yield " ".join(filter(None, (shown, MARKED.get(key))))
            yield from self._fields(key, name, definition)
        else:
            yield f"{shown} = {self._type(key, name, definition)}"

    def _fields(self, key: str, name: str, definition: str) -> Iterator[str]:
        body = definition.partition("{")[2].rpartition("}")[0]
        lines = [line.strip() for line in body.split("\n") if line.strip()]
        members = [member for line in lines if (member := self._member(key, name, line)) is not None]
        numbers = [number for _, number in members]
        ascending = numbers == sorted(numbers)
        for text, number in members:
            yield f" {text}" if ascending else f" {text} #{number}"

    def _member(self, key: str, name: str, line: str) -> tuple[str, int] | None:
        """A field as its line, with its protobuf number; None for one that JSON does not have."""
        declared, _, tag = line.partition("`")
        words = declared.split(None, 1)
        json_tag = re.search(r'json:"([^"]*)"', tag)
        number = re.search(r'protobuf:"\w+,(\d+)', tag)
        json_name, _, options = (json_tag[1] if json_tag else "").partition(",")
        if json_name == "-":
            return None
        count = int(number[1]) if number else 0
        embedded = len(words) == 1
        if embedded and not json_name:
            return f"+ {self._type(key, name, words[0])}", count
        go_name, go_type = (
            (words[0].rpartition(".")[2], words[0]) if embedded else (words[0], words[1].strip())
        )
        if not go_name[0].isupper():
            return None
        json_name = json_name or go_name
        spelled = "" if go_name == json_name[0].upper() + json_name[1:] else f" {go_name}"
        mark = "?" if "omitempty" in options else ""
        return f"{json_name}{mark} {self._type(key, name, go_type)}{spelled}", count

    def _type(self, key: str, owner: str, expression: str) -> str:
        """A type expression as reflection prints it; what it names is reached."""
        for written, printed in ALIASES.items():
            expression = re.sub(written, printed, expression)
        imports = self._packages[key].imports[owner]

        def named(match: re.Match[str]) -> str:
            qualifier, name = match[1], match[2]
            if qualifier:
                return self.reach(self._key_of(imports[qualifier.rstrip(".")]), name)
            return name if name in BUILT_IN or name in ("map", "any") else self.reach(key, name)

        return re.sub(r"(\w+\.)?(\w+)", named, expression)

    def _key_of(self, path: str) -> str:
        for place, key in self._paths.items():
            if path.endswith("/" + place):
                return key
        raise LookupError(f"PACKAGES does not say where {path} lies")


def table(directories: dict[str, Path]) -> str:
    """The text of the table, sorted by the names of the types."""
    made = Table(directories)
    for key, name in ROOTS:
        made.reach(key, name)
    return "".join(line + "\n" for name in sorted(made.lines) for line in made.lines[name])


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    for name in ("argo", "kfp", "kubernetes-api", "apimachinery"):
        parser.add_argument(f"--{name}", type=Path, required=True, metavar="DIR")
    sys.stdout.write(table(vars(parser.parse_args())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
