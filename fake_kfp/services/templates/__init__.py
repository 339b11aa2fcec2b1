"""Manifests as templates of workflows, and the workflows of runs made from them."""
