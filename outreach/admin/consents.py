"""Who agreed to be texted."""
