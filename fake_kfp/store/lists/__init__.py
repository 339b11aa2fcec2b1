"""What a list is asked: options, filters, page tokens, and what can be asked of which record."""
