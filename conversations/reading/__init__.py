"""Pieces of a timeline as they are shown: which entries, in which words. Changes nothing."""
