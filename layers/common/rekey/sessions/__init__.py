"""What a person is given and expires: sessions and their tokens, one-time tokens, and the sweep of what is left."""
