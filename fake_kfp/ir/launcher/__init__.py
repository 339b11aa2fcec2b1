"""The launchers of v2 pipelines (``backend/src/v2/component``): what runs a task's own code, and publishes what it gave."""
