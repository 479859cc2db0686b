"""The search over everything: what was asked, where its words stand, what of it an agent may see."""
