"""The plan workbench: officers write, change, compare and publish plans."""
