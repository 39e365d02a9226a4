"""An annual report as its sealed rows have it: read back, laid out in pages, carried as data."""
