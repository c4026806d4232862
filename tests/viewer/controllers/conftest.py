"""A viewer without a window, and a session, for controllers that are tested by themselves."""

import pytest
from napari.components import ViewerModel

from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import end_all
from napari_cmr.viewer.core.session import Session


@pytest.fixture
def bare(qapp):
    """Makes a viewer without a window and a session of a scan; controllers hold both weakly."""
    kept = []

    def make(scan=None):
        viewer, session = ViewerModel(), Session()
        kept.append((viewer, session))
        if scan is not None:
            layers.show_scan(viewer, scan)
            layers.go_to(viewer, scan, frame=0, z=1)
            session.set_scan(scan)
            session.set_labels_layer(layers.find(viewer, scan, "labels"))
        return viewer, session

    yield make
    assert end_all()
