"""A report that is being written: its texts, the page to write them on, what it would be."""
