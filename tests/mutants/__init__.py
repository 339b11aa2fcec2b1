"""Small random changes to the core rooms, to see whether their tests notice (``make mutants``, ``docs/testing.md``)."""
