"""One scan acquired many times: consistency, trade-off, and which line matters."""
