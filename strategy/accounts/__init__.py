"""People: their invitations and the accounts of the demonstration."""
