"""`rekey-admin`: what an operator does to accounts, from a terminal, with AWS credentials of their own."""
