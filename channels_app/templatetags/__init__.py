"""What templates ask about channels."""
