"""KFP's own pipeline language, the intermediate representation: its documents, and what the API server makes of them."""
