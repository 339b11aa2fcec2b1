"""A workflow's nodes: made, named, moved through their phases, counted."""
