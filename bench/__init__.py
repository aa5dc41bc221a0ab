"""What the functions cost, against small peers measured in the same run: `make bench`."""
