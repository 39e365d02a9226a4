"""The screens: ``figures`` for what is so now, ``reports`` for what was reported."""
