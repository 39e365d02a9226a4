"""The security log: who did what that matters to security, when and from where."""
