"""The window as a whole: how it starts, how it is arranged, its keys and its tour."""
