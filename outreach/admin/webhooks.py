"""What the provider sent us, raw."""
