"""Accounts and their addresses, what has happened to them, and where each row lives."""
