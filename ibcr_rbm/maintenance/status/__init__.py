"""The state of the installation, with its problems in words."""
