"""Go values in error texts."""

from __future__ import annotations

import pytest

from fake_kfp.simulator.manifests import normalise
from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.manifests.types import StructKind, go_type
from fake_kfp.simulator.manifests.types.go_print import print_fields, print_message, print_plain

UNSET = "0001-01-01 00:00:00 +0000 UTC"


def printed(type_name: str, value: object) -> str:
    kind = go_type(type_name)
    assert isinstance(kind, StructKind)
    return print_message(kind, normalise(value, type_name))


@pytest.mark.parametrize(
    ("type_name", "value", "text"),
    [
        (
            "v1alpha1.Metadata",
            {"labels": {"b": "2", "a": "1"}},
            "&Metadata{Annotations:map[string]string{},Labels:map[string]string{a: 1,b: 2,},}",
        ),
        (
            "v1alpha1.ContinueOn",
            {"failed": True},
            "&ContinueOn{Error:false,Failed:true,}",
        ),
        (
            "v1alpha1.Sequence",
            {"count": "3", "end": 5},
            "&Sequence{Count:3,Start:<nil>,End:5,Format:,}",
        ),
        (
            "v1alpha1.ValueFrom",
            {"path": "/p", "default": "d", "supplied": {}},
            "&ValueFrom{Path:/p,JSONPath:,JQFilter:,Parameter:,Default:*d,Supplied:&SuppliedValueFrom{},Event:,"
            "Expression:,ConfigMapKeyRef:nil,}",
        ),
    ],
)
def test_structs_with_a_string_method(type_name: str, value: object, text: str) -> None:
    assert printed(type_name, value) == text


def test_structs_of_other_packages_are_named_with_their_package() -> None:
    text = printed(
        "v1alpha1.Template", {"container": {"image": "i", "resources": {"limits": {"cpu": "500m"}}}}
    )
    assert "Container:&v1.Container{Name:,Image:i,Command:[]," in text
    assert "Limits:ResourceList{cpu: {{500 -3} {<nil>} 500m DecimalSI},}" in text


def test_structs_without_a_string_method_show_their_values() -> None:
    metadata = {"name": "n", "labels": {"k": "v"}, "deletionGracePeriodSeconds": 5}
    assert (
        print_plain(go_type("v1.ObjectMeta"), metadata)
        == f"{{n      0 {UNSET} <nil> 0xc000000000 map[k:v] map[] [] [] []}}"
    )


def test_fields_can_be_named() -> None:
    schedule = normalise({"metadata": {"name": "s"}, "spec": {"enabled": True}}, "v1beta1.ScheduledWorkflow")
    text = print_fields(go_type("v1beta1.ScheduledWorkflow"), schedule)
    assert text.startswith("{TypeMeta:{Kind: APIVersion:} ObjectMeta:{Name:s GenerateName: Namespace:")
    assert "Spec:{Enabled:true MaxConcurrency:<nil>" in text


def test_bytes_are_base64() -> None:
    assert normalise({"bytes": [3, 2]}, "v1alpha1.HTTPBodySource") == {"bytes": "AwI="}
    assert printed("v1alpha1.HTTPBodySource", {"bytes": "AwI="}) == "&HTTPBodySource{Bytes:*[3 2],}"
    with pytest.raises(ManifestError, match="illegal base64 data at input byte 4"):
        normalise({"bytes": "AwI=!"}, "v1alpha1.HTTPBodySource")
