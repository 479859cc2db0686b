"""Who changed what, and who read which customer: written down in one place, found and told for administrators."""
