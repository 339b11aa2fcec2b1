"""Recorded exchanges: reading, playing and comparing them."""
