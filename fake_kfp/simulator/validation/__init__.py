"""The linter: what Argo refuses before it runs a workflow (argo-workflows ``workflow/validate/validate.go``).

One module a subject; :func:`validate_workflow` is the way in. Where the real linter looks at a Go map, and so
picks its error by chance, this one takes the order of the manifest.
"""

from __future__ import annotations

from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.verdicts import validate_workflow

__all__ = ["ValidationError", "validate_workflow"]
