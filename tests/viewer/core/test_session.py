"""A session takes a scan fully sampled, and forgets the last one."""

import pytest
from helpers.small_scans import make_scan

from napari_cmr.viewer.core.results import ModelResult
from napari_cmr.viewer.core.session import Session


@pytest.fixture
def session(small_scan):
    session = Session()
    session.set_scan(small_scan)
    return session


def test_a_scan_starts_fully_sampled(session):
    assert session.mask.is_full
    assert session.n_lines == 48
    assert session.picture == "image"


def test_labels_of_an_image_are_old_while_its_method_has_other_settings(session):
    images, told = session.reconstructions, []
    lines = session.acquisition
    direct = ModelResult("net", lines, None)
    chained = ModelResult("net after view-sharing", lines, None, method_settings={})
    session.models_changed.connect(lambda: told.append("changed"))
    images.set_settings("view-sharing", {"frames": 5})
    assert told == ["changed"]
    assert session.old_text(chained.source) == "with other settings of view-sharing"
    assert (session.is_current(chained), session.is_current(direct)) == (False, True)
    images.set_settings("tv-2d", {"iterations": 9})
    images.set_settings("view-sharing", {})
    assert session.is_current(chained)


def test_another_scan_forgets_the_edits_of_the_last(session):
    session.set_acquisition(n_lines=5)
    session.edit_lines([(5, 47)], not session.mask.array[5, 47], stroke=True)
    session.set_scan(make_scan(n_frames=2))
    assert session.mask.is_full
    assert not session.can_undo
