"""`sweeper`: finds what events missed, on a schedule."""
