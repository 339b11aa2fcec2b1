"""What a rule is, and how one is written: a strategy of examples, and a check of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from fake_kfp.conformance.errors import ContractError
from fake_kfp.conformance.server.dialects import DIALECTS, V1BETA1, Dialect
from fake_kfp.conformance.server.subject import Subject

Example = TypeVar("Example")
Property = TypeVar("Property", bound=Callable[..., Any])
REST = "rest"
CONTROL = "control"
TAGS = "tags"
"""What rules may need: a REST side beside the door under test; a fake whose pods they move by hand; a release that has tags."""


@dataclass(frozen=True)
class Profile:
    """How properties are checked: with so many ``examples`` each, no deadlines (a server may be slow), nothing written to disk.

    ``seed``: which examples, the same every time. Without ``shrink`` a failure is told as it was found.
    """

    examples: int
    seed: int | None = None
    shrink: bool = True

    @property
    def as_settings(self) -> settings:
        """All but the seed, as Hypothesis takes it."""
        quiet: dict[str, Any] = {
            "deadline": None,
            "database": None,
            "suppress_health_check": list(HealthCheck),
        }
        quiet["phases"] = tuple(Phase) if self.shrink else (Phase.explicit, Phase.generate)
        return settings(max_examples=self.examples, print_blob=False, **quiet)

    def seeded(self, checked: Property) -> Property:
        """A property, or a state machine, that is given the examples of this seed."""
        return checked if self.seed is None else seed(self.seed)(checked)

    def shared(self, share: float) -> Profile:
        """With so many times the examples, one at least."""
        return replace(self, examples=max(1, int(self.examples * share)))


@dataclass(frozen=True)
class Rule:
    """One rule of the contract. ``about`` says it in a sentence; ``needs`` is empty or names what the server must offer.

    ``share`` scales the number of examples: rules whose examples are of many kinds have more. ``dialect`` is the version of the API
    that it speaks; ``versions`` are those of which there is one like it.
    """

    name: str
    about: str
    run: Callable[[Subject, Profile], None]
    needs: frozenset[str] = field(default_factory=frozenset)
    share: float = 1
    versions: tuple[Dialect, ...] = (V1BETA1,)
    dialect: Dialect = V1BETA1

    def of_each_version(self) -> list[Rule]:
        """The rule of each version; that of v2beta1 is called ``v2/...``."""
        return [
            replace(self, name=self.name if dialect is V1BETA1 else f"v2/{self.name}", dialect=dialect)
            for dialect in self.versions
        ]

    def applies_to(self, subject: Subject) -> bool:
        """Whether this server, through this door, offers what the rule needs."""
        offers = {
            CONTROL: subject.control is not None,
            REST: subject.rest is not None,
            TAGS: subject.answers.tags,
        }
        return all(offers[need] for need in self.needs)

    def check(self, subject: Subject, wanted: Profile) -> None:
        """Checks the rule with Hypothesis; raises the shrunk failure, which is a ContractError if the server broke it."""
        try:
            self.run(subject.speaking(self.dialect), wanted.shared(self.share))
        except Flaky as flaky:
            raise _as_seen(flaky) from None


def _as_seen(flaky: Flaky) -> Exception:
    """The broken contract behind a failure that Hypothesis could not repeat: a server need not break it every time."""
    seen = [error for error in getattr(flaky, "exceptions", ()) if isinstance(error, ContractError)]
    if not seen:
        return flaky
    examples = [note for note in getattr(flaky, "__notes__", ()) if "Traceback" not in note]
    return ContractError("\n".join([str(seen[0]), "(the same calls did not show it every time)", *examples]))


Examples = st.SearchStrategy[Example] | Callable[[Dialect], st.SearchStrategy[Example]]
"""Of what a rule's examples are drawn, which may depend on the version of the API."""


def rule(
    examples: Examples[Example],
    needs: tuple[str, ...] = (),
    share: float = 1,
    versions: tuple[Dialect, ...] = DIALECTS,
) -> Callable[[Callable[[Subject, Example], None]], Rule]:
    """Makes a rule of a check ``(subject, example)``: named after the function, explained by the first line of its docstring."""

    def make(check: Callable[[Subject, Example], None]) -> Rule:
        def run(subject: Subject, wanted: Profile) -> None:
            drawn = examples if isinstance(examples, st.SearchStrategy) else examples(subject.dialect)

            @wanted.seeded
            @wanted.as_settings
            @given(example=drawn)
            def holds(example: Example) -> None:
                check(subject, example)

            holds()

        about = (check.__doc__ or "").strip().split("\n")[0]
        return Rule(check.__name__.replace("_", "-"), about, run, frozenset(needs), share, versions)

    return make
