"""The calculation of figures: measures, ratings, rollup, trends and disaggregation."""
