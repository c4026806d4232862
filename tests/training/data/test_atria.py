"""Views of left atria: packed by patient, turned together with their labels."""

import numpy as np
import pytest
from helpers.small_atria import atrium_scan

from napari_cmr.scan import ScanError
from napari_cmr.training.data.atria import AtriumData, PackedAtria
from napari_cmr.training.register import default

RECIPE = default("left atrium").tiny


def test_slices_of_several_sizes_share_a_square_and_keep_their_middle() -> None:
    scans = [atrium_scan("case01", (20, 24)), atrium_scan("case02", (16, 28))]
    packed = PackedAtria.from_scans(scans)
    assert packed.images.shape == packed.labels.shape == (8, 28, 28)
    assert packed.subjects == ("case01",) * 4 + ("case02",) * 4
    first = scans[0].image[0]
    np.testing.assert_allclose(packed.images[:4, 4:24, 2:26], first / first.max(), atol=1e-3)
    np.testing.assert_array_equal(packed.images[:, :4], packed.images[:, [4] * 4][:, :4])
    assert packed.labels[:4].sum() == (scans[0].labels > 0).sum()


def test_batches_are_those_of_their_step_and_turn_labels_along() -> None:
    packed = PackedAtria.from_scans([atrium_scan("case01", (40, 48))])
    source = AtriumData(packed, packed).source(RECIPE)
    one, again = (source.batch(3, np.random.default_rng(5)) for _ in range(2))
    images, labels = one
    assert images.shape == (2, 1, 32, 32)
    np.testing.assert_array_equal(images, again[0])
    inside, outside = images[:, 0][labels == 1], images[:, 0][labels == 0]
    assert inside.mean() > 1  # the atrium is bright
    assert outside.mean() < 0


def test_what_cannot_be_learned_from_is_refused() -> None:
    scan = atrium_scan("case01", (20, 24))
    with pytest.raises(ScanError, match="no labels"):
        PackedAtria.from_scans([scan.with_(labels=None, labelled_frames=())])
    empty = PackedAtria.from_scans([scan.with_(labels=np.zeros_like(scan.labels))])
    with pytest.raises(ScanError, match="no left atrium is labelled"):
        AtriumData(PackedAtria.from_scans([scan]), empty).check(RECIPE)
