"""The descriptor set says what the real server's interface says, and keeps out of everybody's way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError

from fake_kfp.api import descriptors
from fake_kfp.api.dispatch import HttpRule
from fake_kfp.transport.interface import interface
from fake_kfp.versions import dialect_of

TABLES = Path(__file__).parent.parent / "data" / "interface"
Field = descriptor_pb2.FieldDescriptorProto


def table_facts(table: Path) -> set[tuple[str, ...]]:
    """Every line of an interface table with the file and the item that it belongs to."""
    facts: set[tuple[str, ...]] = set()
    file = item = package = ""
    for line in table.read_text().splitlines():
        word, _, rest = line.partition(" ")
        if word == "file":
            file = rest
        elif word == "package":
            package = rest
        elif word:
            item = f"{word} {package}.{rest}"
            facts.add((file, item))
        elif rest:
            facts.add((file, item, " ".join(rest.split())))
    return facts


def set_facts(version: str, release: str = "2.14") -> set[tuple[str, ...]]:
    """The same, from the descriptor set as a release shows it."""
    facts: set[tuple[str, ...]] = set()
    for name, encoded in interface(dialect_of(release)).files.items():
        if name.startswith(f"backend/api/{version}/"):
            file = descriptor_pb2.FileDescriptorProto.FromString(encoded)
            facts |= {(name, *fact) for fact in _file_facts(file)}
    return facts


def _file_facts(file: descriptor_pb2.FileDescriptorProto) -> set[tuple[str, ...]]:
    facts: set[tuple[str, ...]] = set()
    for message in file.message_type:
        facts |= _message_facts(message, f"{file.package}.{message.name}")
    for enum in file.enum_type:
        facts |= _enum_facts(enum, f"{file.package}.{enum.name}")
    for service in file.service:
        full_name = f"{file.package}.{service.name}"
        facts.add((f"service {full_name}",))
        facts |= {(f"service {full_name}", _rpc_line(full_name, method)) for method in service.method}
    return facts


def _message_facts(message: descriptor_pb2.DescriptorProto, full_name: str) -> set[tuple[str, ...]]:
    facts: set[tuple[str, ...]] = {(f"message {full_name}",)}
    facts |= {(f"message {full_name}", _field_line(message, field)) for field in message.field}
    for nested in message.nested_type:
        if not nested.options.map_entry:
            facts |= _message_facts(nested, f"{full_name}.{nested.name}")
    for enum in message.enum_type:
        facts |= _enum_facts(enum, f"{full_name}.{enum.name}")
    return facts


def _enum_facts(enum: descriptor_pb2.EnumDescriptorProto, full_name: str) -> set[tuple[str, ...]]:
    return {(f"enum {full_name}",), *((f"enum {full_name}", f"{v.number} {v.name}") for v in enum.value)}


def _field_line(message: descriptor_pb2.DescriptorProto, field: descriptor_pb2.FieldDescriptorProto) -> str:
    entries = {entry.name: entry for entry in message.nested_type if entry.options.map_entry}
    entry = entries.get(field.type_name.rpartition(".")[2])
    repeated = field.label == Field.LABEL_REPEATED and entry is None
    kind = _type(field) if entry is None else f"map<{_type(entry.field[0])},{_type(entry.field[1])}>"
    oneof = [f"oneof={message.oneof_decl[field.oneof_index].name}"] if field.HasField("oneof_index") else []
    words = [str(field.number), *["repeated"] * repeated, kind, field.name, *oneof]
    return " ".join([*words, *["deprecated"] * field.options.deprecated])


def _type(field: descriptor_pb2.FieldDescriptorProto) -> str:
    return field.type_name.lstrip(".") or Field.Type.Name(field.type).removeprefix("TYPE_").lower()


def _rpc_line(service: str, method: descriptor_pb2.MethodDescriptorProto) -> str:
    rules = descriptors.methods()[f"/{service}/{method.name}"].rules
    http = [f"{rule.verb} {rule.path}" + (f" body={rule.body}" if rule.body else "") for rule in rules]
    return " ".join(["rpc", method.name, method.input_type[1:], "->", method.output_type[1:], *http])


@pytest.mark.parametrize("version", ["v1beta1", "v2beta1"])
def test_the_set_is_the_interface_of_the_real_server(version: str) -> None:
    expected = table_facts(TABLES / f"{version}.txt")
    assert len(expected) > 200
    assert set_facts(version) == expected


NEW = Path(__file__).parent.parent / "data" / "interface_changes.txt"


@pytest.mark.parametrize("release", ["2.15", "2.16", "2.17"])
def test_later_releases_have_what_came_and_lack_what_went(release: str) -> None:
    expected = {version: table_facts(TABLES / f"{version}.txt") for version in ("v1beta1", "v2beta1")}
    for line in NEW.read_text().splitlines():
        since, sign, *fact = line.split("\t")
        if since <= release:
            facts = expected["v1beta1" if "v1beta1" in fact[0] else "v2beta1"]
            (facts.add if sign == "+" else facts.remove)(tuple(fact))
    assert {version: set_facts(version, release) for version in expected} == expected


def test_methods_carry_their_classes_and_rules() -> None:
    method = descriptors.methods()["/api.RunService/ReportRunMetricsV1"]
    assert method.input_class is descriptors.message_class("api.ReportRunMetricsRequest")
    assert method.output_class is descriptors.message_class("api.ReportRunMetricsResponse")
    assert method.rules == (HttpRule("POST", "/apis/v1beta1/runs/{run_id}:reportMetrics", "*"),)


def test_methods_without_a_rule_have_none() -> None:
    assert descriptors.methods()["/api.DummyFilterService/GetFilter"].rules == ()


@pytest.mark.parametrize("data", [b"\x0a\x05ab", b"\x0a\x01\x80", b"\xff"])
def test_bytes_that_are_no_request_are_told_in_one_way(data: bytes) -> None:
    method = descriptors.methods()["/api.RunService/GetRunV1"]
    with pytest.raises(DecodeError):
        method.parse(data)


def test_methods_are_those_of_the_two_api_versions_alone() -> None:
    assert {path.rpartition(".")[0] for path in descriptors.methods()} == {
        "/api",
        "/kubeflow.pipelines.backend.api.v2beta1",
    }


def test_old_names_are_those_without_the_suffix() -> None:
    old_names = descriptors.old_names()
    assert old_names["/api.RunService/CreateRun"] == "/api.RunService/CreateRunV1"
    assert old_names["/api.ExperimentService/ListExperiment"] == "/api.ExperimentService/ListExperimentsV1"
    assert not set(old_names) & set(descriptors.methods())
    assert set(old_names.values()) <= set(descriptors.methods())


def test_a_message_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        descriptors.message_class("api.Nothing")


BESIDE_A_USERS_OWN_CLASSES = """
from google.protobuf import descriptor_pb2, descriptor_pool
import fake_kfp.api.descriptors as ours

assert not ours._made, "loaded at import"
before = ours.message_class("api.Run")
theirs = descriptor_pb2.FileDescriptorProto(name="backend/api/v1beta1/run.proto", package="api", syntax="proto3")
theirs.message_type.add(name="Run").field.add(name="other", number=99, type=9, label=1)
descriptor_pool.Default().AddSerializedFile(theirs.SerializeToString())

user = descriptor_pool.Default().FindMessageTypeByName("api.Run")
assert [field.name for field in user.fields] == ["other"]
assert before(id="a").SerializeToString() == ours.message_class("api.Run")(id="a").SerializeToString()
assert len(ours.methods()) == 81
print("both there")
"""


def test_a_users_own_generated_classes_may_live_in_the_same_process() -> None:
    done = subprocess.run([sys.executable, "-c", BESIDE_A_USERS_OWN_CLASSES], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("both there\n", "")


FROM_MANY_THREADS = """
import json, threading
from fake_kfp import FakeKfp
from fake_kfp.api import descriptors

MANIFEST = json.dumps({
    "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "one-"},
    "spec": {"entrypoint": "main", "templates": [{"name": "main", "container": {"image": "busybox", "command": ["true"]}}]},
})
faults, pools = [], []
together, all_in = threading.Barrier(8), threading.Event()
make_pool = descriptors.DescriptorPool

def linger():
    mine = make_pool()
    pools.append(mine)
    if len(pools) == 8:
        all_in.set()
    all_in.wait(0.2)  # whoever may come in meanwhile does
    return mine

descriptors.DescriptorPool = linger

def serve():
    try:
        together.wait()
        fake = FakeKfp()
        create, get = (fake.deployment.api.methods["/api.RunService/" + name] for name in ("CreateRunV1", "GetRunV1"))
        def call(method, request):
            bytes_of, message_of = type(request).SerializeToString, method.output_class.FromString
            stub = fake.channel().unary_unary(method.name, request_serializer=bytes_of, response_deserializer=message_of)
            return stub(request)
        asked = create.input_class()
        asked.run.name = "r"
        asked.run.pipeline_spec.workflow_manifest = MANIFEST
        run = call(create, asked).run
        assert call(get, get.input_class(run_id=run.id)).run.status == "Succeeded"
    except BaseException as error:
        faults.append(repr(error))

threads = [threading.Thread(target=serve) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(set(faults)) or "all served", len(pools))
"""


@pytest.mark.parametrize("attempt", range(3))
def test_many_threads_may_make_their_first_server_at_the_same_time(attempt: int) -> None:
    done = subprocess.run([sys.executable, "-c", FROM_MANY_THREADS], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("all served 1\n", "")
