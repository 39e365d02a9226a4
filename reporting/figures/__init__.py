"""The one calculation: measures, ratings, roll-up, trends and disaggregation."""
