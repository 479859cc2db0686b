"""What programs are let in with: scopes, tokens and services, how often they may ask, what they asked before."""
