"""What querysets read with records: the rows that they name, as far as the reader may know."""
