"""How often something may be tried: allowances, attempts to sign in, requests for an email."""
