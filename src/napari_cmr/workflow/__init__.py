"""The pipeline as plain functions: describe, undersample, segment, measure."""
