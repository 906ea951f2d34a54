"""Mail-merge files for owners who may not be texted."""
