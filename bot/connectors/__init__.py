"""One module a platform: how its posts are read and how a public reply is written there."""
