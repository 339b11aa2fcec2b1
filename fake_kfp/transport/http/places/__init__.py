"""Places of the REST side that are no RPCs."""
