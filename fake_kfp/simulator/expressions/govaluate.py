"""``when`` conditions: github.com/Knetic/govaluate as Argo uses it."""

from __future__ import annotations


def should_execute(when: str) -> bool:
    """Whether a step or task with this (substituted) condition runs; an empty one does.

    Raises ``ExpressionError`` in Argo's words, ``Invalid 'when' expression '...': ...`` and so on
    (``workflow/controller/steps.go: shouldExecute``).
    """
    raise NotImplementedError


def evaluate(expression: str) -> object:
    """The value of a govaluate expression whose bare words are strings; errors are govaluate's own texts."""
    raise NotImplementedError
