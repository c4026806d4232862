"""Labels carried over from an atlas."""

import numpy as np
import pytest
from helpers import fake_lge as fake

from napari_cmr.experiments.atlas import label_by_atlases, make_atlas
from napari_cmr.experiments.lge import score
from napari_cmr.scan import ScanError


def test_an_atlas_finds_a_heart_that_is_shifted_and_turned_over() -> None:
    pytest.importorskip("SimpleITK", reason="the extra 'registration' is not installed")
    cine = fake.bright_heart(kind="cine").with_(ed_frame=0)
    atlas = make_atlas(cine, "one")
    moved = fake.bright_heart((10.0, 1.8, 1.8), shape=(5, 100, 100), centre_mm=(88, 90))
    # as EMIDEC's pictures lie against the cines: mirrored at a diagonal
    turned = moved.with_(
        image=moved.image[:, :, ::-1, ::-1].transpose(0, 1, 3, 2),
        labels=moved.labels[:, :, ::-1, ::-1].transpose(0, 1, 3, 2),
    )
    rows, columns = np.nonzero(turned.labels[0, 0])
    found = label_by_atlases(turned, (rows.mean() + 3, columns.mean() - 2), [atlas])
    assert score(turned, found["affine"][None])["dice_lv"] > 0.8
    assert found["free-form"].shape == turned.shape[1:]


def test_an_unlabelled_atlas_is_refused() -> None:
    with pytest.raises(ScanError, match="atlas needs labels"):
        make_atlas(fake.bright_heart().with_(labels=None, labelled_frames=()), "one")
