"""How a table finds its rows."""
