"""One person out of two and back: merge, split, move and their undo; who may be the same person."""
