"""fake_kfp: an in-memory fake of the Kubeflow Pipelines API server, for tests."""
