"""The pages of the plan workbench."""
