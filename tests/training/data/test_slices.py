"""Slices to learn from: right place, right labels, none of late enhancement."""

import numpy as np
import pytest
import torch
from PIL import Image

from napari_cmr.nets.squares import standardised
from napari_cmr.scan import ScanError
from napari_cmr.training.data.slices import (
    TrainingSlice,
    cine_slices,
    crop,
    is_held_out,
    lge_slices,
)


def disc(centre: tuple[float, float], spacing: tuple[float, float]) -> TrainingSlice:
    """A heart of 20 mm radius wherever asked for."""
    rows, columns = np.mgrid[:60, :80]
    radius = np.hypot((rows - centre[0]) * spacing[0], (columns - centre[1]) * spacing[1])
    labels = (radius < 20).astype(np.uint8)
    image = 100 + 50 * labels.astype(np.float32)
    return TrainingSlice("one", None, "ED", 0, image, labels, spacing, centre)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (2.0, 1.2), (1.1, 1.9)])
def test_a_crop_is_centred_and_in_mm_whatever_the_pixels(spacing) -> None:
    images, labels = crop([disc((30.3, 41.7), spacing)], 32, 2.0)
    rows, columns = np.nonzero(labels[0].numpy())
    assert rows.mean() == pytest.approx(15.5, abs=0.3)
    assert columns.mean() == pytest.approx(15.5, abs=0.3)
    assert len(rows) * 4.0 == pytest.approx(np.pi * 400, rel=0.04)
    assert images[0, 0, 16, 16] == pytest.approx(150)


def test_intensities_forget_scale_and_outliers() -> None:
    images = torch.rand(2, 1, 40, 40, generator=torch.Generator().manual_seed(0))
    outlier = 1000 * images + 7
    outlier[0, 0, 3, 3] = 1e6
    changed = (standardised(images) - standardised(outlier)).abs()
    changed[0, 0, 3, 3] = 0
    assert changed.max() < 0.02
    assert standardised(images).std(dim=(1, 2, 3)).tolist() == pytest.approx([1, 1])


def test_a_slice_of_one_value_stays_finite() -> None:
    flat = torch.full((1, 1, 8, 8), 3.0)
    assert torch.isfinite(standardised(flat)).all()


def test_late_enhancement_comes_without_labels(tmp_path) -> None:
    for kind, high in (("images", 256), ("labels", 4)):
        (tmp_path / kind).mkdir()
        for z in range(2):
            grey = np.random.default_rng(z).integers(0, high, (24, 24)).astype(np.uint8)
            Image.fromarray(grey).save(tmp_path / kind / f"Case_P010_slice{z:03d}.png")
    found = lge_slices(tmp_path, lambda scan: (float(scan.n_slices), 5.0))
    assert [(one.subject, one.index, one.phase) for one in found] == [
        ("Case_P010", 0, "LGE"),
        ("Case_P010", 1, "LGE"),
    ]
    assert all(one.labels is None and one.centre == (2.0, 5.0) for one in found)
    assert is_held_out("Case_P010")
    assert not is_held_out("Case_N012")
    assert crop(found, 16, 1.5)[1] is None


def test_a_folder_without_subjects_is_named(tmp_path) -> None:
    with pytest.raises(ScanError, match="no subject folder"):
        cine_slices(tmp_path)


def test_cines_give_both_phases(shared_data, tmp_path) -> None:
    (tmp_path / "patient016").symlink_to(shared_data / "acdc" / "patient016")
    found = cine_slices(tmp_path)
    assert {one.phase for one in found} == {"ED", "ES"}
    _, labels = crop(found, 112, 1.5)
    assert labels.amax() == 3
