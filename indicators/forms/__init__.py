"""The forms of the records: ``fields`` reads one answer, ``base`` holds what every kind shares,
``kinds`` has one class a kind."""
