"""Sections of a report on scar, comparison and styles say what each is of."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.analysis.image_quality import ImageQuality
from napari_cmr.analysis.scar import ScarSettings
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Code, Label, Notice
from napari_cmr.workflow.measure.comparison import compare_labels
from napari_cmr.workflow.measure.function import measure_scan
from napari_cmr.workflow.measure.scar import measure_scar
from napari_cmr.workflow.reconstruct.quality import MethodQuality
from napari_cmr.workflow.report.content import ReportContent
from napari_cmr.workflow.report.results import (
    comparison_section,
    images_section,
    scar_section,
    styles_section,
    wall_section,
)
from napari_cmr.workflow.session.derived_results import DerivedResults
from napari_cmr.workflow.style.rendering import Styled
from napari_cmr.workflow.style.translation import StyleSpread


def content(scan, **changes):
    return ReportContent(scan, scan.labels, "x", tuple(range(scan.n_frames)), **changes)


@pytest.fixture(scope="module")
def late():
    scan = make_scan("late", n_frames=1, n_slices=4)
    scarred = (scan.labels == Label.MYO) & (np.indices(scan.shape)[3] > 20)
    return scan.with_(image=scan.image + 0.8 * scarred, kind="lge")


def test_nothing_that_was_not_made_is_reported(late) -> None:
    empty = content(late)
    assert (scar_section(empty), comparison_section(empty), styles_section(empty)) == ("", "", "")


def test_the_scar_is_told_with_labels_method_and_remote_muscle(late) -> None:
    found = measure_scar(late, ScarSettings(method="fwhm", blood_part=0.25))
    text = scar_section(
        content(
            late,
            derived=DerivedResults(scar=found),
            scar_labels="Mine",
            sources={"Mine": "drawn"},
        )
    )
    for words in (
        f"<b>{found.extent.scar_g:.1f} g</b>",
        "Mine (drawn)",
        "FWHM, remote muscle found by itself",
        "25 % of the way to blood",
        f"{found.curve[1]['scar_g']:.1f} to {found.curve[6]['scar_g']:.1f} g for n from 2.5 to 5",
        f"<td>{found.others['fwhm']:.1f} g</td>",
        f"<td>{found.others['otsu']:.1f} g</td>",
    ):
        assert words in text, words
    assert "With remote muscle found by itself" not in text


def test_a_drawn_remote_region_is_told_with_what_the_automatic_one_gives(late) -> None:
    left = (late.labels[0] == Label.MYO) & (np.indices(late.shape[1:])[2] < 14)
    found = measure_scar(late, remote=left)
    text = scar_section(
        content(late, derived=DerivedResults(scar=found), scar_labels="Mine", sources={"Mine": "x"})
    )
    assert "FWHM, remote muscle drawn by hand" in text
    automatic = measure_scar(late).extent.scar_g
    assert f"With remote muscle found by itself</th><td>{automatic:.1f} g" in text


def test_a_comparison_is_told_with_whose_labels_and_which_way_round(late) -> None:
    found = compare_labels(
        late, late.labels, np.roll(late.labels, 1, axis=3), names=("A", "<b>B</b>")
    )
    text = comparison_section(content(late, derived=DerivedResults(comparison=found)))
    assert f"<td>LV</td><td>{found.overall_dice[0]:.3f}</td>" in text
    assert "second minus first" in text
    assert "<td>A</td>" in text
    assert "&lt;b&gt;B&lt;/b&gt;" in text
    assert "Furthest apart: " in text


def test_styles_are_told_as_synthetic_with_model_seed_and_weights(late) -> None:
    styled = Styled(
        frame=2,
        z=3,
        seed=7,
        names=("chosen", "", ""),
        codes=np.zeros((3, 2), np.float32),
        given=np.zeros((1, 2), np.float32),
        shifts=(0.5, 0.0, 0.0),
        model="munit",
        weights={"munit": "ab" * 32},
        spread=StyleSpread((4.0, 5.0), (3.0, 3.5), 0.81, None),
    )
    text = styles_section(content(late, derived=DerivedResults(styles=styled)))
    for words in (
        "SYNTHETIC",
        "slice 4, frame 3",
        "3, seed 7",
        "ab" * 32,
        "+0.5 SD",
        "Dice between styles 0.81, area 4.0 to 5.0 cm²",
        "Dice between styles –",
    ):
        assert words in text, words


def test_the_wall_of_a_cine_has_four_pictures_and_that_of_a_long_axis_none() -> None:
    scan = make_scan()
    function = measure_scan(scan)
    text = wall_section(content(scan), function)
    assert text.count("<figure>") == 4
    assert wall_section(content(scan.with_(view="4CH")), function) == ""


def test_images_are_told_with_their_lines_and_how_close_they_come(late) -> None:
    quality = ImageQuality(33.333, float("nan"), 0.9123, 0.0777)
    made = MethodQuality("tv-2d", {"space": 0.02}, Acquisition(n_lines=12, seed=3), (0, 2), quality)
    page = images_section(content(late, reconstructions=(made,)))
    for text in ("tv-2d (space 0.02)", "12 of 48, variable-density, seed 3", "2 of 4"):
        assert text in page
    for number in ("33.3", "–", "0.912", "0.078"):
        assert f"<td>{number}</td>" in page
    assert images_section(content(late)) == ""
    assert "invented" not in page
    notice = Notice(Code.DETAILS_INVENTED, "Details may be invented.", "model")
    page = images_section(content(late, reconstructions=(replace(made, notices=(notice,)),)))
    assert "tv-2d: Details may be invented." in page
