"""Hearts made rather than scanned: synthetic ones, and cines of an ED/ES pair."""
