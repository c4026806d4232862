"""Shares of lesions, from rows whose shares are known."""

from napari_cmr.experiments.interpretability.lesion_page import inventions, survival


def test_scans_count_alike_and_missing_ones_are_none() -> None:
    planted = [{"scan": "a", "method": "m", "survives": s} for s in (True, True, True, False)]
    planted += [{"scan": "b", "method": "m", "survives": False}]
    mean, low, high = survival(planted, method="m")
    assert mean == 37.5
    assert low == 0
    assert high == 75
    assert survival(planted, method="other") is None


def test_inventions_are_of_the_places_that_were_looked_at() -> None:
    rows = [
        {"scan": "a", "method": "m", "places": 10, "invented": 1},
        {"scan": "a", "method": "m", "places": 30, "invented": 3},
    ]
    assert inventions(rows, method="m") == (10.0, 10.0, 10.0)
