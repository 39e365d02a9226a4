"""User accounts: the policy of roles, invitations and the accounts of the demonstration."""
