"""The lists of the API in one shape: how their records are made, read and listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fake_kfp.conformance.server.dialects import (
    EXPERIMENT,
    JOB,
    PIPELINE_KIND,
    RUN,
    V1BETA1,
    V2BETA1,
    Dialect,
    Facts,
)
from fake_kfp.conformance.server.subject import Workspace, filter_text
from fake_kfp.strategies import FIELDS
from fake_kfp.strategies.v2beta1 import FIELDS as V2_FIELDS

Json = dict[str, Any]

_CHANGING = frozenset({"status", "state", "finished_at"})


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the API, seen from within a workspace. ``fields`` are those that do not change by themselves."""

    dialect: Dialect
    kind: str

    def __str__(self) -> str:
        return self.rpc

    @property
    def rpc(self) -> str:
        """The RPC that gives it."""
        return self.dialect.rpc("List", self.kind)

    @property
    def fields(self) -> Mapping[str, str]:
        """By what it can be filtered and sorted, and what kind of value that is."""
        known = FIELDS if self.dialect is V1BETA1 else V2_FIELDS
        found = known[self.dialect.kinds[self.kind].plural]
        return {name: value for name, value in found.items() if name not in _CHANGING}

    @property
    def is_whole(self) -> bool:
        """Whether it is a list of all there are, which has to be restricted by a part of the name."""
        return self.kind in (EXPERIMENT, PIPELINE_KIND)

    @property
    def can_archive(self) -> bool:
        """Whether its records can be archived."""
        return self.kind in (RUN, EXPERIMENT)

    def create(self, own: Workspace, name: str, text: str) -> str:
        """Makes a record; gives its id. Where names are unique, and lists restricted by them, there is more to its name."""
        name = f"{name}/{own.number()}{own.tag}/" if self.is_whole else name
        return own.new(self.kind, name=name, description=text)

    def page(self, own: Workspace, request: Json) -> Any:
        """The reply to a list call about this workspace's records; may be refused (ContractError)."""
        return own.subject.must(self.rpc, self.request(own, request))

    def request(self, own: Workspace, request: Json) -> Json:
        """A list request, restricted to the records of this workspace; its filter is JSON still."""
        asked = {key: value for key, value in request.items() if key != "filter"}
        found = request.get("filter") or {}
        if self.is_whole:
            mine = {"op": "IS_SUBSTRING", "key": "name", "string_value": own.tag + "/"}
            found = {"predicates": [*found.get("predicates", ()), mine]}
        else:
            asked |= self.dialect.within(own.experiment)
        return asked | ({"filter": filter_text(self._by_one_name(found), self.dialect)} if found else {})

    def _by_one_name(self, found: Json) -> Json:
        """A filter that calls no field by both of its names.

        The real server keeps the predicates of an operation by field as it is called, and of two that turn out to be one field it
        forgets either (``filter/filter.go: replaceMapKeys``).
        """
        pairs = [("id", V2BETA1.kinds[self.kind].id)]
        pairs += [("name", "display_name")] if self.kind != PIPELINE_KIND else []  # which has both, apart
        called: dict[str, str] = {}
        for predicate in found.get("predicates", ()):
            for pair in pairs:
                if predicate["key"] in pair:
                    called |= dict.fromkeys(pair, called.get(predicate["key"], predicate["key"]))
        return {
            "predicates": [
                {**predicate, "key": called.get(predicate["key"], predicate["key"])}
                for predicate in found.get("predicates", ())
            ]
        }

    def next_page(self, own: Workspace, request: Json) -> Any:
        """The reply to a list call that has a page token, and leaves filter and order to that."""
        key = {} if self.is_whole else self.dialect.within(own.experiment)
        return own.subject.must(self.rpc, request | key)

    def ids(self, reply: Any) -> list[str]:
        """The ids of the records of a page."""
        return [self.dialect.id_of(self.kind, record) for record in self.dialect.listed(self.kind, reply)]

    def everything(self, own: Workspace) -> list[Facts]:
        """The facts of all records of this workspace (up to 200)."""
        reply = self.page(own, {"page_size": 200})
        return [self.dialect.facts(self.kind, record) for record in self.dialect.listed(self.kind, reply)]


_KINDS = {V1BETA1: (RUN, EXPERIMENT, JOB), V2BETA1: (RUN, EXPERIMENT, JOB, PIPELINE_KIND)}
"""Whose records can be made without a file."""


def listings(dialect: Dialect) -> tuple[Listing, ...]:
    """The lists of a version."""
    return tuple(Listing(dialect, kind) for kind in _KINDS[dialect])
