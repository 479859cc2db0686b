"""What is already known of a customer: facts picked from what was said, the strip, the story so far."""
