"""Templates of kind steps."""
