"""Tables of scores and of volume errors, from rows whose means are known."""

import pytest

from napari_cmr.experiments.interpretability.score_tables import (
    function_sections,
    scan_scores,
    score_of,
    score_sections,
)

SAMPLING = ("random", "8x")


def row(scan: str, method: str, lv: float | None, full: float | None = 0.9, **more) -> dict:
    return {
        "scan": scan,
        "method": method,
        "pattern": "random",
        "lines": "8x",
        "dice_lv": lv,
        "full_dice_lv": full,
        **more,
    }


def test_the_score_of_a_scan_is_the_ratio_of_means_over_its_slices() -> None:
    rows = [row("a", "m", 0.45), row("a", "m", 0.3, 0.6), row("a", "m", None, None)]
    assert score_of(rows).mean == pytest.approx(0.75 / 1.5)
    assert score_of([row("a", "m", None, None)]) is None
    assert score_of([row("a", "m", 0.4), {"scan": "a", "refused": "no"}]) is None


def test_scans_count_alike_however_many_slices_they_have() -> None:
    rows = [row("a", "m", 0.9)] * 9 + [row("b", "m", 0.45)]
    assert scan_scores(rows) == pytest.approx({"a": 1.0, "b": 0.5})
    page = "\n".join(score_sections(rows, ["m"], [SAMPLING], "view-sharing"))
    assert "| m | 0.750 |" in page


def test_differences_to_the_reference_have_an_interval_and_a_test() -> None:
    rows = [row(f"s{k}", "view-sharing", 0.45 + 0.01 * k) for k in range(8)]
    rows += [row(f"s{k}", "net", 0.54 + 0.01 * k) for k in range(8)]
    page = "\n".join(score_sections(rows, ["view-sharing", "net"], [SAMPLING], "view-sharing"))
    assert "| net | random 8x | +0.100 (+0.100 to +0.100) | 0.0078 | 8 |" in page


def test_each_class_has_a_table_where_there_are_several() -> None:
    rows = [row("a", "m", 0.9, dice_myo=0.4, full_dice_myo=0.8)]
    page = "\n".join(score_sections(rows, ["m"], [SAMPLING], "view-sharing"))
    assert page.index("LV:") < page.index("| m | 1.000 |") < page.index("| m | 0.500 |")
    assert f"| m | {1.3 / 1.7:.3f} |" in page
    assert score_sections([{"scan": "a"}], ["m"], [SAMPLING], "view-sharing") == []


def test_errors_of_volumes_stand_beside_direct_segmentation() -> None:
    rows = [
        {"scan": scan, "method": method, "pattern": "random", "lines": "8x"}
        | {f"{name} error": error for name in ("LV EDV", "LV ESV", "EF", "RV EDV", "RV ESV")}
        | {"RV EF error": None}
        for method, errors in (("net", (-4.0, 2.0)), ("direct", (1.0, 2.0)))
        for scan, error in zip("ab", errors, strict=True)
    ]
    page = "\n".join(function_sections(rows, [SAMPLING]))
    assert page.index("| direct | 1.5 (+1.5) |") < page.index("| net | 3.0 (-1.0) |")
    assert "| net | – |" in page
    assert "| net | random 8x | +1.5 (+0.0 to +3.0) | - | 2 |" in page
    assert function_sections([], [SAMPLING]) == []
