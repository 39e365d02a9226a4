"""The annual report: drafted, issued, laid out in pages, carried as data, verified."""
