"""A kind of channel for the faults: copied into the desk that is broken, which finds it as any other."""
