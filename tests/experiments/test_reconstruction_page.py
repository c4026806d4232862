from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scipy import stats

from napari_cmr.experiments.figures import draw_gains
from napari_cmr.experiments.reconstruction import ReconstructionSettings
from napari_cmr.experiments.reconstruction_page import comparison_page, gains
from napari_cmr.solvers import solvers

SETTINGS = ReconstructionSettings(methods=("view-sharing", "tv-2dt"), lines=("8x",))


def rows(scans: int, gain: float = 2.0) -> list[dict]:
    rng = np.random.default_rng(1)
    found = []
    for scan in range(scans):
        base = float(rng.normal(27, 2))
        more = gain + 0.1 * scan
        for method, psnr in (("view-sharing", base), ("tv-2dt", base + more)):
            found.append(
                {
                    "scan": f"heart{scan}",
                    "slice": 3,
                    "pattern": "random",
                    "lines": "8x",
                    "method": method,
                    "psnr": psnr + 6,
                    "psnr_moving": psnr,
                    "ssim": 0.9,
                    "nrmse": 0.1,
                    "seconds": 1.0,
                }
            )
    return found


def against(page: str) -> str:
    return page.split("## Against view-sharing")[1].split("##", maxsplit=1)[0]


def test_differences_are_those_of_the_same_scans() -> None:
    page = comparison_page(rows(7), [], [], SETTINGS, None)
    line = next(one for one in against(page).splitlines() if "tv-2dt" in one)
    assert "+2.30" in line
    p = stats.wilcoxon([2 + 0.1 * scan for scan in range(7)]).pvalue
    assert f"{p:.2g}" in line
    assert "| 7 |" in line


def test_gains_are_those_of_each_scan_and_a_method_far_behind_is_not_drawn(tmp_path) -> None:
    found = gains(rows(3), SETTINGS.methods)
    assert found == {"random 8x": {"tv-2dt": pytest.approx([2.0, 2.1, 2.2])}}
    drawn = []
    for behind in (-4.0, -40.0):
        both = {"random 8x": {**found["random 8x"], "zero-filled": [behind] * 3}}
        draw_gains(both, "view-sharing", tmp_path / "gains.png")
        with Image.open(tmp_path / "gains.png") as image:
            drawn.append(image.height)
    assert drawn[1] < drawn[0]


def test_methods_whose_details_may_be_invented_are_told_of(monkeypatch) -> None:
    assert "invented" not in comparison_page(rows(3), [], [], SETTINGS, None)
    invents = "Details may be invented."
    changed = replace(solvers()["tv-2dt"], invents=invents)
    monkeypatch.setitem(solvers(), "tv-2dt", changed)
    page = comparison_page(rows(3), [], [], SETTINGS, None)
    assert f"⚠ `tv-2dt`: {invents}" in page.splitlines()


def test_three_scans_are_not_tested_for_significance() -> None:
    line = next(
        one for one in against(comparison_page(rows(3), [], [], SETTINGS, None)).splitlines()
        if "tv-2dt" in one
    )  # fmt: skip
    assert "+2.10 (+2.00 to +2.20)" in line
    assert "| - |" in line


def test_a_scan_that_one_method_refused_is_no_pair() -> None:
    table = rows(7)
    table[-1] |= {"psnr_moving": None, "refused": "no cine"}
    line = next(
        one for one in against(comparison_page(table, [], [], SETTINGS, None)).splitlines()
        if "tv-2dt" in one
    )  # fmt: skip
    assert "| 6 |" in line


def test_without_the_reference_there_is_nothing_to_compare_with() -> None:
    alone = SETTINGS.model_copy(update={"methods": ("tv-2dt",)})
    assert "Against" not in comparison_page(rows(7), [], [], alone, None)


@pytest.mark.parametrize("command", [None, "napari-cmr evaluate-reconstruction x"])
def test_the_page_tells_its_command_and_what_was_left_out(command) -> None:
    page = comparison_page(rows(2), [], [("bad", "no scan")], SETTINGS, command)
    assert ("```sh" in page) == (command is not None)
    assert "- bad: no scan" in page
    assert page.endswith("For research use only.\n")
