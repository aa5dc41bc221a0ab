"""Rules that two functions need."""
