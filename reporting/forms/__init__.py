"""What people ask of the pages and confirm on them, read and checked."""
