"""An annual report as its sealed rows have it: laid out in pages, carried as data."""
