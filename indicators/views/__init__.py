"""The pages of records: five views for every kind, actions, queues and evidence."""
