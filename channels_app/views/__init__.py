"""Pages and doors of channels."""
