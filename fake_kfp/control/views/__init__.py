"""What a test author sees of a world: frozen values, copied while a visit lasts."""
