"""The generator of ``argo_types.txt``, on Go sources in miniature."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.argo_types import PACKAGES, table

WORKFLOW = """
package v1alpha1

import (
	"encoding/json"
	apiv1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Workflow is the root. It has a comment with `json:"none"` in it.
type Workflow struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata" protobuf:"bytes,1,opt,name=metadata"`
	/* a block
	of comment */
	Late   *apiv1.Container           `json:"late,omitempty" protobuf:"bytes,12,opt,name=late"`
	Phases map[string]Phase           `json:"phases,omitempty" protobuf:"bytes,2,opt,name=phases"` // not last
	Raw    []byte                     `json:"raw,omitempty" protobuf:"bytes,3,opt,name=raw"`
	URL    string                     `json:"url" protobuf:"bytes,4,opt,name=url"`
	Any    interface{}                `json:"any,omitempty" protobuf:"bytes,5,opt,name=any"`
	Item   []Item                     `json:"item,omitempty" protobuf:"bytes,6,opt,name=item"`
	Hidden string                     `json:"-"`
	secret string
}

type WorkflowStep struct {
	Name string `json:"name,omitempty"`
}

type (
	Phase string
	Unused int
)

type Item struct {
	Value json.RawMessage
}

func (i *Item) UnmarshalJSON(value []byte) error { return nil }
"""

FILES = {
    "workflow": WORKFLOW,
    "schedule": 'package v1beta1\n\ntype ScheduledWorkflow struct {\n\tStatus string `json:"status"`\n}\n',
    "core": 'package v1\n\ntype Container struct {\n\tName string `json:"name" protobuf:"bytes,1,opt"`\n}\n',
    "meta": 'package v1\n\ntype TypeMeta struct {\n\tKind string `json:"kind"`\n}\n\ntype ObjectMeta struct {\n}\n',
}

EXPECTED = """\
v1.Container
 name string
v1.ObjectMeta @meta
v1.TypeMeta @meta
 kind string
v1alpha1.Item ! struct
v1alpha1.Phase = string
v1alpha1.Workflow
 + v1.TypeMeta #0
 metadata v1.ObjectMeta ObjectMeta #1
 late? *v1.Container #12
 phases? map[string]v1alpha1.Phase #2
 raw? []uint8 #3
 url string URL #4
 any? any #5
 item? []v1alpha1.Item #6
v1alpha1.WorkflowStep
 name? string
v1beta1.ScheduledWorkflow
 status string
"""


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, Path]:
    for key, (source, place) in PACKAGES.items():
        directory = tmp_path / source / place
        directory.mkdir(parents=True)
        (directory / "types.go").write_text(FILES.get(key, f"package {key}\n"))
        (directory / "types_test.go").write_text("package none\n\ntype Workflow int\n")
    return {source: tmp_path / source for source, _ in PACKAGES.values()}


def test_types_are_listed_as_they_are_reached_and_sorted(sources: dict[str, Path]) -> None:
    assert table(sources) == EXPECTED


def test_a_package_that_nobody_knows_is_told(sources: dict[str, Path]) -> None:
    file = sources["kfp"] / PACKAGES["schedule"][1] / "types.go"
    text = 'package v1beta1\n\nimport "example.com/far"\n\ntype ScheduledWorkflow struct {\n\tX far.Away `json:"x"`\n}\n'
    file.write_text(text)
    with pytest.raises(LookupError, match=r"PACKAGES does not say where example\.com/far lies"):
        table(sources)
