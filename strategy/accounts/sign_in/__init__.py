"""How people sign in: passwords, links to choose one, limits of failed attempts."""
