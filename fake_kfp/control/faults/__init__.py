"""Calls that go wrong because a test says so; the doors make of it what their clients see."""
