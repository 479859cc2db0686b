"""What lists show and count: the inbox, customers, companies, segments. Only what the agent sees."""
