"""Real installations of Kubeflow Pipelines, as seen from here: where they are, and how they are asked."""
