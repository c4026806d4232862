"""One predictor for each kind of task."""
