"""What each call means, whatever the API version: rules, checks, error texts, rights."""
