"""Files written: records, templates, help and reports of errors."""
