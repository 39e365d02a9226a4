"""Days, months and years of plans, and dates as people write them."""
