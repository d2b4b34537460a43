"""What people are written: each email's words, how it is set, and how it is sent."""
