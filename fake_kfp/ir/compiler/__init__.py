"""From a pipeline spec to the Argo workflow that runs it (``backend/src/v2/compiler/argocompiler``)."""
