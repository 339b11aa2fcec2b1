"""Pipelines as users write them with every release of kfp 2."""

# The SDK reads the annotations of components while it compiles them, so they are no texts.
from typing import List, NamedTuple  # noqa: UP035 - list[int] is unknown to kfp 2.0

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, Metrics, Model, Output, PipelineTaskFinalStatus

component = dsl.component(base_image="python:3.11")


@component
def echo(text: str) -> str:
    return text


@component
def flip_coin() -> str:
    return "heads"


@component
def count() -> int:
    return 3


@component
def list_numbers() -> List[int]:  # noqa: UP006
    return [1, 2, 3]


@component
def double(number: int) -> int:
    return 2 * number


@component
def add_up(numbers: List[int]) -> int:  # noqa: UP006
    return sum(numbers)


@component
def make_data(rows: int, data: Output[Dataset]):
    data.metadata["rows"] = rows


@component
def train(
    data: Input[Dataset], model: Output[Model], epochs: int = 10, rate: float = 0.5, verbose: bool = False
) -> NamedTuple("Trained", [("accuracy", float), ("notes", dict)]):
    return (0.9, {})


@component
def evaluate(model: Input[Model], metrics: Output[Metrics]):
    metrics.log_metric("accuracy", 0.9)


@component
def compare(models: Input[List[Model]]) -> str:  # noqa: UP006
    return models[0].uri


@component
def tell(status: PipelineTaskFinalStatus, greeting: str = "all done"):
    print(greeting, status.state)


@component
def fetch(source: Input[Artifact]):
    print(source.uri)


@component
def greet(name: str = "nobody", times: int = 1):
    print(name * times)


@component
def introduce(who: str, team: str) -> str:
    return f"{who} of {team}"


@dsl.container_component
def say(text: str, log: dsl.OutputPath(str)):
    return dsl.ContainerSpec(image="busybox", command=["sh", "-c", 'echo "$0" > "$1"'], args=[text, log])


@dsl.pipeline(name="sequential", description="one after the other")
def sequential(greeting: str = "hello"):
    first = echo(text=greeting)
    echo(text=first.output)


@dsl.pipeline(name="parallel")
def parallel():
    left = echo(text="left")
    right = count()
    greet().after(left, right)


@dsl.pipeline(name="conditions")
def conditions(threshold: int = 2):
    coin = flip_coin()
    with dsl.Condition(coin.output == "heads", name="heads"):
        greet(name="heads")
    with dsl.Condition(coin.output == "tails", name="tails"):
        number = count()
        with dsl.Condition(number.output > threshold):
            echo(text="many")


@dsl.pipeline(name="constant-loop")
def constant_loop():
    with dsl.ParallelFor([{"who": "ann", "team": "a"}, {"who": "bob", "team": "b"}]) as item:
        introduce(who=item.who, team=item.team)


@dsl.pipeline(name="fan-out")
def fan_out():
    numbers = list_numbers()
    with dsl.ParallelFor(numbers.output) as number:
        double(number=number)


@dsl.pipeline(name="loop-over-a-parameter")
def loop_over_a_parameter(names: List[str] = ["ann", "bob"]):  # noqa: B006, UP006
    with dsl.ParallelFor(names, parallelism=1) as name:
        echo(text=name)


@dsl.pipeline(name="nested-loops")
def nested_loops():
    with dsl.ParallelFor([1, 2]) as number, dsl.ParallelFor(["a", "b", "c"]) as name:
        greet(name=name, times=number)


@dsl.pipeline(name="collected")
def collected() -> int:
    with dsl.ParallelFor([1, 2, 3]) as number:
        doubled = double(number=number)
    return add_up(numbers=dsl.Collected(doubled.output)).output


@dsl.pipeline(name="collected-artifacts")
def collected_artifacts():
    with dsl.ParallelFor([1, 2]) as rows:
        made = make_data(rows=rows)
        trained = train(data=made.outputs["data"])
    compare(models=dsl.Collected(trained.outputs["model"]))


@dsl.pipeline(name="cleanup")
def cleanup(greeting: str = "bye"):
    with dsl.ExitHandler(tell(greeting=greeting)):
        flip_coin()


@dsl.pipeline(name="artifacts")
def artifacts(rows: int = 10):
    made = make_data(rows=rows)
    trained = train(data=made.outputs["data"], epochs=3)
    evaluate(model=trained.outputs["model"])
    with dsl.Condition(trained.outputs["accuracy"] > 0.8):
        echo(text="good")


@dsl.pipeline(name="imports")
def imports():
    source = dsl.importer(artifact_uri="gs://bucket/data", artifact_class=Dataset, metadata={"rows": 1})
    fetch(source=source.output)


class Inner(NamedTuple):
    said: str
    model: Model


@dsl.pipeline(name="inner")
def inner(rows: int, text: str = "from inside") -> Inner:
    said = echo(text=text)
    trained = train(data=make_data(rows=rows).outputs["data"])
    return Inner(said=said.output, model=trained.outputs["model"])


@dsl.pipeline(name="outer")
def outer() -> str:
    one = inner(rows=1)
    evaluate(model=one.outputs["model"])
    two = inner(rows=2, text=one.outputs["said"])
    return two.outputs["said"]


@dsl.pipeline(name="settings")
def settings(text: str = "x"):
    task = echo(text=text)
    task.set_display_name("Say it").set_caching_options(False).set_retry(
        2, backoff_duration="10s", backoff_factor=2, backoff_max_duration="60s"
    )
    task.set_cpu_limit("1").set_memory_limit("2G").set_cpu_request("500m").set_memory_request("1G")
    task.set_env_variable("MODE", "fast")
    task.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)


@dsl.pipeline(name="container")
def container(text: str = "hi"):
    greet(name=say(text=text).outputs["log"])
