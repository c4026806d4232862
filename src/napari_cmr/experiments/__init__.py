"""The tables and figures of schlemper2018, over a cohort of labelled subjects."""
