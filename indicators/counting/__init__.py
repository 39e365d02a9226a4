"""Which records count towards a target, and why the others do not."""
