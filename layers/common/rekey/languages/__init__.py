"""The languages people read: which one, and its texts."""
