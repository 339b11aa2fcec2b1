"""The drivers of v2 pipelines (``backend/src/v2/driver``): what decides whether, with what, and how often a task runs."""
