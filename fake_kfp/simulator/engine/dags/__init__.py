"""Templates of kind dag."""
