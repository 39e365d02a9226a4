"""The forms of the records: ``fields`` has the form fields, ``base`` the form of every kind."""
