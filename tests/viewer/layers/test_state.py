"""What a layer knows of itself lies in one place of its metadata, and other layers know nothing."""

import numpy as np
from helpers.small_scans import make_scan
from napari.layers import Image, Labels

from napari_cmr.viewer.layers.state import (
    KEY,
    LayerState,
    is_edited,
    metadata,
    note,
    role_of,
    scan_of,
    state_in,
    state_of,
)

SCAN = make_scan(n_frames=2, n_slices=1)


def test_layers_of_other_origin_know_nothing() -> None:
    for layer in (None, Image(np.zeros((4, 4))), Image(np.zeros((4, 4)), metadata={KEY: "x"})):
        assert state_of(layer) == LayerState() or state_of(layer).scan is None
        assert scan_of(layer) is None
        assert role_of(layer) is None
    assert state_in({}).role is None


def test_a_note_changes_what_it_names_and_leaves_the_rest() -> None:
    layer = Image(SCAN.image, metadata=metadata(SCAN, "tile", model="a-net"))
    assert (scan_of(layer), role_of(layer)) == (SCAN, "tile")
    before = state_of(layer)
    note(layer, old="from 10 lines")
    assert (state_of(layer).model, state_of(layer).old) == ("a-net", "from 10 lines")
    assert before.old == ""


def test_labels_are_edited_once_they_differ_from_what_was_written() -> None:
    layer = Labels(SCAN.labels.copy())
    assert not is_edited(layer)  # nobody wrote them
    note(layer, written=SCAN.labels)
    assert not is_edited(layer)
    layer.data[0, 0, 0, 0] = 3
    assert is_edited(layer)
