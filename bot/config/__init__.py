"""What people write into config/: YAML read into frozen models, every fault with its place."""
