"""Numbers of a scan: function, scar, how far they vary with the lines, and with their number."""
