"""How layers are shown: outlines, labels that come back, and views of a session file."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.viewer.layers.appearance import bring_back, outline, remove, restore_views
from napari_cmr.viewer.layers.common import find
from napari_cmr.viewer.layers.labels import add_empty_labels
from napari_cmr.viewer.layers.stack import show_scan
from napari_cmr.workflow.session.file import LayerView

SCAN = make_scan(n_frames=2, n_slices=1)


@pytest.fixture
def viewer() -> ViewerModel:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    return viewer


def test_labels_are_lines_or_areas(viewer) -> None:
    labels = find(viewer, SCAN, "labels")
    outline(labels, True)
    assert labels.contour == 1
    outline(labels, False)
    assert labels.contour == 0


def test_what_is_not_there_is_removed_without_complaint(viewer) -> None:
    labels = find(viewer, SCAN, "labels")
    for layer in (labels, labels, None):
        remove(viewer, layer)
    assert [one.name for one in viewer.layers] == [find(viewer, SCAN, "image").name]


def test_an_edited_reference_comes_back_in_place_of_the_untouched_one(viewer) -> None:
    kept = find(viewer, SCAN, "labels")
    remove(viewer, kept)
    kept.data[0, 0, 0, 0] = 3
    kept.visible = False
    show_scan(viewer, SCAN)
    assert bring_back(viewer, SCAN, kept) is kept
    assert find(viewer, SCAN, "labels") is kept
    assert kept.visible
    assert sum(one.name == kept.name for one in viewer.layers) == 1


def test_labels_equal_to_the_reference_are_not_shown_twice(viewer) -> None:
    reference = find(viewer, SCAN, "labels")
    drawn = add_empty_labels(viewer, SCAN)
    remove(viewer, drawn)
    drawn.data = SCAN.labels.copy()
    assert bring_back(viewer, SCAN, drawn) is reference
    assert drawn not in viewer.layers
    drawn.data[0, 0, 0, 0] = 3
    assert bring_back(viewer, SCAN, drawn) is drawn
    assert reference in viewer.layers  # drawn labels are not the reference, edited


def test_views_are_restored_by_name_and_role(viewer) -> None:
    image, labels = find(viewer, SCAN, "image"), find(viewer, SCAN, "labels")
    before = tuple(image.contrast_limits)

    def view(layer, role, **more) -> LayerView:
        return LayerView(name=layer.name, role=role, visible=False, opacity=0.25, **more)

    restore_views(viewer, SCAN, [view(labels, "prediction"), view(image, "image")])
    assert (image.visible, image.opacity) == (False, 0.25)
    assert labels.visible  # another role
    assert tuple(image.contrast_limits) == before
    restore_views(viewer, SCAN, [view(image, "image", contrast_limits=(0.2, 0.7))])
    np.testing.assert_allclose(image.contrast_limits, (0.2, 0.7))
