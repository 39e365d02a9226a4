"""What stays computed while the data is unchanged."""
