"""Files of messages: whether they fit a channel, links to them, what is kept and drawn of them."""
