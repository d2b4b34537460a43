"""Applications, and how people sign in to them through Rekey (OAuth 2.1, OpenID Connect)."""
