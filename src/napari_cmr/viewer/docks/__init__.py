"""The docks; each shows the session and changes it, and knows no other."""
