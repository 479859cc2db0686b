"""What providers report, on timelines."""
