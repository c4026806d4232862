"""The layers of a scan as a whole: made when it is opened, removed when another comes."""

import numpy as np
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.viewer.layers.stack import layer_tuples, remove_scan, show_scan
from napari_cmr.viewer.layers.state import role_of, scan_of

SCAN = make_scan(n_frames=6, n_slices=2)


def test_one_scan_goes_and_the_other_stays() -> None:
    viewer, other = ViewerModel(), make_scan(n_frames=6, n_slices=2)
    show_scan(viewer, SCAN)
    show_scan(viewer, other)
    assert not remove_scan(viewer, SCAN)
    assert [(scan_of(one) is other, role_of(one)) for one in viewer.layers] == [
        (True, "image"),
        (True, "labels"),
    ]
    viewer.layers[1].data[0, 0, 0, 0] = 3
    assert remove_scan(viewer, other)  # edited
    assert not viewer.layers


def test_readers_get_the_image_and_labels_if_there_are_any() -> None:
    tuples = layer_tuples(SCAN)
    assert [kind for _, _, kind in tuples] == ["image", "labels"]
    assert tuples[1][0] is not SCAN.labels  # a copy, which may be drawn in
    bare = SCAN.with_(labels=None, labelled_frames=(), image=SCAN.image * (1 + 1j))
    ((magnitude, _, _),) = layer_tuples(bare)
    np.testing.assert_allclose(magnitude, SCAN.image * np.sqrt(2), rtol=1e-5)
