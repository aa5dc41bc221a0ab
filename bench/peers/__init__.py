"""Small functions to measure ours against: what the frameworks cost by themselves on this machine."""
