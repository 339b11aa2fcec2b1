"""The contract suite: what a Kubeflow Pipelines API server answers, as exchanges recorded from the real one.

Knows servers only from outside, as a client does.
"""
