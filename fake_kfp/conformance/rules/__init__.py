"""The rules of the contract, each a property that holds for all requests of a kind."""

from fake_kfp.conformance.rules import (
    agreement,
    archiving,
    filtering,
    flow,
    garbage,
    histories,
    lifecycle,
    metrics,
    paging,
    pipelines,
    reading,
    refusals,
    tags,
    versions,
)
from fake_kfp.conformance.rules.rule import Rule

RULES: tuple[Rule, ...] = tuple(
    rule
    for module in (
        reading,
        refusals,
        filtering,
        paging,
        archiving,
        metrics,
        pipelines,
        tags,
        lifecycle,
        agreement,
        garbage,
        histories,
        versions,
        flow,
    )
    for each in module.RULES
    for rule in each.of_each_version()
)
"""All rules, in the order in which they are best read."""

__all__ = ["RULES", "Rule"]
