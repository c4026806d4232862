"""Labels as outlines: all of them, and those that come later."""

from napari.components import ViewerModel

from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.labels.outlines import Outlines
from napari_cmr.viewer.core.session import Session


def test_labels_that_are_there_and_that_come_are_outlined_until_it_is_off(small_scan) -> None:
    viewer, session = ViewerModel(), Session()
    layers.show_scan(viewer, small_scan)
    session.set_scan(small_scan)
    outlines = Outlines(viewer, session)
    reference = layers.find(viewer, small_scan, "labels")
    before = layers.add_empty_labels(viewer, small_scan)
    assert (reference.contour, before.contour) == (0, 0)
    outlines.toggle()
    later = layers.prediction_layer(viewer, small_scan, "a-net")
    assert (reference.contour, before.contour, later.contour) == (1, 1, 1)
    outlines.toggle()
    last = layers.prediction_layer(viewer, small_scan, "b-net")
    assert [one.contour for one in (reference, before, later, last)] == [0, 0, 0, 0]
