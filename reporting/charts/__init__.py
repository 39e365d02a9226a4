"""Charts as SVG, from formatted texts and numbers, for the direction of their `Sheet`."""
