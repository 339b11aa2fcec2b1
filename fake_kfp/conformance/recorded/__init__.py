"""Recorded exchanges: reading, playing, comparing and telling of them."""
