"""The Go types of a Workflow: how JSON becomes one, and what it looks like when Go writes it out again.

``argo_types.txt``, which ``scripts/argo_types.py`` made, lists every type that can be reached from ``wfv1.Workflow``
(Argo 3.6.7), those of Kubernetes included, and from KFP's ScheduledWorkflow::

    v1alpha1.DAGTemplate            a struct: its members follow, indented
     target? string                 JSON name, "?" for omitempty, and the type as Go's reflection prints it
     failFast? *bool
     + v1.Container                 an embedded struct, whose fields count as the outer struct's own
     url string URL                 the Go name, where it is not just the JSON name with a capital
     depends? string #12            the protobuf number, in structs where those do not ascend
    v1.ObjectMeta @meta             a struct of another package than its name tells: v1 is core/v1 otherwise
    v1alpha1.NodePhase = string     a named type and what it stands for
    resource.Quantity ! struct      a type with JSON methods of its own, and the kind of its Go value

``argo_types_later.txt`` says what later releases of Argo (and KFP's of the same time) changed: since when, in which struct, and a
member, or with a minus the JSON name of one that is gone.

The rest of the package is behaviour: one :class:`~.kinds.Kind` a shape of type. Each knows how
sigs.k8s.io/yaml prepares a value for it (``coerce``), how encoding/json reads that (``decode``), and how
encoding/json writes it again (``encode``).
"""

from __future__ import annotations

from fake_kfp.simulator.manifests.types.kinds import Decoding, Kind
from fake_kfp.simulator.manifests.types.structs import StructKind
from fake_kfp.simulator.manifests.types.table import go_type

__all__ = ["Decoding", "Kind", "StructKind", "go_type"]
