"""The desk: the web pages on which people read, answer and look after what was heard. It never talks to a platform."""
