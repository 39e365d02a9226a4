"""The life of a record: who may do what, what was done, and who is notified."""
