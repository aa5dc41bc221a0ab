"""What the stacks are composed of, by what it is."""
