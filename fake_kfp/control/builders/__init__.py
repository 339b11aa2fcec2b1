"""Placing things in a world as a test wants them to be there already."""
