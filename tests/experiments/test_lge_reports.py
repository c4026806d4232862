"""Tables of the late enhancement experiment."""

from napari_cmr.experiments.lge_reports import markdown


def test_means_are_over_what_is_known() -> None:
    base = {"dice_lv": 0.8, "dice_myo": 0.6, "missed_slices_lv": 0, "missed_slices_myo": 1}
    rows = [
        {"case": "a", "method": "cascade", **base, "asd_lv_mm": 2.0, "asd_myo_mm": None},
        {"case": "b", "method": "cascade", **base, "asd_lv_mm": None, "asd_myo_mm": None},
    ]
    line = next(one for one in markdown(rows, ["cascade"]).splitlines() if "| cascade" in one)
    assert "2.00 (1.41)" in line
    assert "– (1.46)" in line
