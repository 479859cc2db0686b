"""The public API of the heart: thin views that call the same functions as the pages, one noun per file.

A package, because customers, identities, companies, consents, merges and entries do not fit into one file of 300
lines; and here rather than in customers, because what happens to a person is told on a timeline.
"""
