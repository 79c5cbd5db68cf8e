"""All SQL of the house. It knows nothing of screens, platforms or rules."""
