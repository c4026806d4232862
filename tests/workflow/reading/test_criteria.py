from napari_cmr.workflow.reading.criteria import NAMES, SCORES, criteria_for


def test_every_kind_of_scan_has_a_sentence_for_every_score() -> None:
    for kind in ("cine", "lge", "other"):
        found = criteria_for([kind, kind])
        assert len(set(found)) == len(SCORES) == len(NAMES)
    assert "scar" in " ".join(criteria_for(["lge"]))
    assert "scar" not in " ".join(criteria_for(["cine"]))


def test_mixed_kinds_get_words_that_fit_all() -> None:
    assert criteria_for(["cine", "lge"]) == criteria_for(["other"])
