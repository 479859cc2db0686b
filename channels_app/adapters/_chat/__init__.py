"""What the adapters of messengers that speak JSON share: reading it without trust, signatures, forms."""
