"""Template tags of the inbox and the timeline."""
