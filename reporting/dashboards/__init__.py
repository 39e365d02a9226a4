"""What pages of figures show: dashboard, summary table, target detail, what-if."""
