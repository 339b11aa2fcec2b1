"""Argo Workflows in memory: manifests, the linter, the operator, the cluster of live workflows, and how time moves them."""
