"""`docs`: the documentation of the API, and the 404 of every path of nobody."""
