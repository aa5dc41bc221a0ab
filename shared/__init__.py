"""What the functions share: rules, rows, AWS calls and the HTTP frame."""
