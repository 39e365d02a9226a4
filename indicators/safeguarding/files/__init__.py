"""Files as evidence: which are accepted, and what is taken out of them."""
