"""What protects people: their rights over what we hold of them, and what must be kept as evidence."""
