"""What a person proves who they are by: passwords and their rules, authenticator apps, recovery codes."""
