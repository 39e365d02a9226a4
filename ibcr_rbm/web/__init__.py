"""What every response and every static file goes through."""
