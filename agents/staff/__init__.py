"""Who works here: roles, teams and people as administrators change them."""
