"""The state of a world: records in tables with indexes, lists of them, artifact objects, the clock and the ids."""
