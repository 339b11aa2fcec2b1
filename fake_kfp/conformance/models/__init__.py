"""What a server is expected to hold, worked out beside it from what it was told."""
