"""What a dock asks to be done, and what is done whenever the session changes."""
