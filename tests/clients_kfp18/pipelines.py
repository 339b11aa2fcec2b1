"""Pipelines as users write them with kfp 1.8."""

from __future__ import annotations

import kfp.dsl as dsl
from kfp.components import create_component_from_func


def _echo(text: str) -> str:
    return text


def _numbers() -> list:
    return [1, 2, 3]


def _nothing(text: str = ""):
    print(text)


echo = create_component_from_func(_echo, base_image="python:3.7")
numbers = create_component_from_func(_numbers, base_image="python:3.7")
nothing = create_component_from_func(_nothing, base_image="python:3.7")


@dsl.pipeline(name="sequential")
def sequential(greeting: str = "hello"):
    first = echo(greeting).set_display_name("first")
    echo(first.output).set_display_name("second")


@dsl.pipeline(name="parallel")
def parallel():
    left = echo("left").set_display_name("left")
    right = echo("right").set_display_name("right")
    nothing().after(left, right).set_display_name("join")


@dsl.pipeline(name="conditions")
def conditions():
    coin = echo("heads").set_display_name("coin")
    with dsl.Condition(coin.output == "heads"):
        nothing("heads").set_display_name("when-heads")
    with dsl.Condition(coin.output == "tails"):
        nothing("tails").set_display_name("when-tails")


@dsl.pipeline(name="fan-out")
def fan_out():
    items = numbers().set_display_name("numbers")
    with dsl.ParallelFor(items.output) as item:
        nothing(item).set_display_name("work")


@dsl.pipeline(name="constants")
def constants():
    with dsl.ParallelFor([{"a": 1}, {"a": 2}]) as item:
        nothing(item.a).set_display_name("work")


@dsl.pipeline(name="cleanup")
def cleanup():
    tidy = nothing("tidy").set_display_name("tidy")
    with dsl.ExitHandler(tidy):
        nothing("work").set_display_name("work")


@dsl.pipeline(name="retries")
def retries():
    nothing("try").set_display_name("try").set_retry(2)


@dsl.graph_component
def _flip_until_tails(coin):
    with dsl.Condition(coin == "heads"):
        again = echo("tails").set_display_name("flip-again")
        _flip_until_tails(again.output)


@dsl.pipeline(name="recursion")
def recursion():
    first = echo("heads").set_display_name("flip-first")
    _flip_until_tails(first.output)
