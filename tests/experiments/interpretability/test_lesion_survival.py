"""Planted lesions, under methods of which it is known what they keep, lose and invent."""

import numpy as np
import pytest
from helpers.small_atria import atrium_scan, write_atria
from helpers.still_methods import method, offer
from pydantic import ValidationError
from scipy.ndimage import gaussian_filter

from napari_cmr.analysis.reconstruction.lesions import disc
from napari_cmr.experiments.interpretability import lesion_survival
from napari_cmr.experiments.interpretability.lesion_survival import LesionSettings, evaluate_lesions
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import ScanError, save_image

SHAPE = (96, 96)
SETTINGS = LesionSettings(
    methods=("whole", "blind", "inventive"),
    accelerations=(1,),
    diameters_mm=(2.0, 5.0),
    lesions=2,
    slices=1,
)


@pytest.fixture
def data(tmp_path):
    write_atria(tmp_path / "data", ("case30", "case31"), SHAPE)
    return tmp_path / "data"


@pytest.fixture
def known(monkeypatch, data):
    """One method that keeps everything, one that blurs 3 mm away, one that adds bright discs."""

    def invent(one):
        angles = np.arange(6) * np.pi / 3  # around the cavity of the slice that is taken
        places = [(round(48 + 31 * np.sin(a)), round(48 + 31 * np.cos(a))) for a in angles]
        return one.zero_filled() + 65 * sum(disc(SHAPE, p, 5.0, (0.625, 0.625)) for p in places)

    def blur(one):
        image = np.abs(one.zero_filled())
        return np.stack([gaussian_filter(frame, 3) for frame in image])

    offer(
        monkeypatch,
        (lesion_survival,),
        method("whole", lambda one: one.zero_filled()),
        method("blind", blur),
        method("inventive", invent),
    )


def share(rows, **of):
    own = [row for row in rows if all(row[k] == v for k, v in of.items())]
    return np.mean([row["survives"] for row in own])


def test_all_lines_keep_every_lesion_and_invent_none(data, known, tmp_path) -> None:
    done = evaluate_lesions([data], tmp_path / "out", SETTINGS)
    assert len(done.planted) == 2 * 3 * 2 * 2 * 2  # scans, methods, diameters, kinds, lesions
    whole = [row for row in done.planted if row["method"] == "whole"]
    for row in whole:
        assert row["survives"]
        assert row["response"] == pytest.approx(row["contrast"], rel=0.02)
        assert (row["contrast"] > 0) == (row["kind"] == "bright")
    none = [row for row in done.invented if row["method"] == "whole"]
    assert sum(row["invented"] for row in none) == 0
    assert all(row["places"] > 5 for row in none)


def test_a_blur_loses_small_lesions(data, known, tmp_path) -> None:
    rows = evaluate_lesions([data], tmp_path / "out", SETTINGS).planted
    assert share(rows, method="blind", diameter_mm=2.0) < 0.3


def test_a_method_that_draws_discs_invents_bright_ones(data, known, tmp_path) -> None:
    rows = evaluate_lesions([data], tmp_path / "out", SETTINGS).invented
    own = [row for row in rows if (row["method"], row["diameter_mm"]) == ("inventive", 5.0)]
    bright, dark = (sum(row["invented"] for row in own if row["kind"] == kind)
                    for kind in ("bright", "dark"))  # fmt: skip
    assert bright > 3
    assert dark < bright / 2


def test_the_page_and_the_curves_are_written(data, known, tmp_path) -> None:
    done = evaluate_lesions([data], tmp_path / "out", SETTINGS, command="napari-cmr x")
    page = done.page.read_text()
    assert "## 2 mm: survive" in page
    assert "| whole | 100 (100-100) | 100 (100-100) |" in page
    assert "| whole | 0 (0-0) | 0 (0-0) |" in page
    assert (tmp_path / "out" / "lesions.png").stat().st_size > 5000
    assert (tmp_path / "out" / "planted.csv").is_file()


def test_lines_and_places_are_those_of_the_seed(data, known, tmp_path) -> None:
    one = SETTINGS.model_copy(update={"methods": ("whole",), "accelerations": (4,)})
    first, again, other = (
        evaluate_lesions([data], tmp_path / name, one.model_copy(update={"seed": seed})).planted
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert first == again
    assert [row["response"] for row in first] != [row["response"] for row in other]


def test_what_cannot_be_used_is_left_out_and_named(data, known, tmp_path) -> None:
    scan = atrium_scan("plain", SHAPE)
    save_image(data / "plain.nii.gz", scan.image, scan.with_(labels=None, labelled_frames=()))
    done = evaluate_lesions([data], tmp_path / "out", SETTINGS)
    assert [name for name, _ in done.failures] == ["plain"]
    assert "labelled still images" in done.failures[0][1]
    crowded = SETTINGS.model_copy(update={"lesions": 40})
    with pytest.raises(ScanError, match="not one lesion"):
        evaluate_lesions([data], tmp_path / "none", crowded)
    with pytest.raises(ValidationError):
        LesionSettings(methods=())


def test_the_lines_measured_are_of_the_image_with_its_lesion() -> None:
    scan = atrium_scan("case30", SHAPE)
    acquisition = Acquisition(seed=3)
    one = lesion_survival._Slice(scan, 1, acquisition, "whole", SETTINGS)
    image = scan.image[0, 1] + disc(SHAPE, (40, 40), 5.0, scan.spacing[1:]).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        offer(patch, (lesion_survival,), method("whole", lambda lines: lines.zero_filled()))
        np.testing.assert_allclose(one._reconstructed(image), image, rtol=1e-3, atol=1e-2)
    assert np.abs(undersample(scan, acquisition)[1].zero_filled()[0]).max() > 0
