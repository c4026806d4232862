"""Keys do what the table says, from the keyboard, and take none of napari's away."""

from functools import partial
from types import SimpleNamespace

import pytest
from napari.components import ViewerModel
from napari.utils.key_bindings import coerce_keybinding
from napari.utils.shortcuts import default_shortcuts
from napari.viewer import Viewer

from napari_cmr.viewer import layers
from napari_cmr.viewer.core.keys import KEYS
from napari_cmr.viewer.core.session import Session
from napari_cmr.viewer.window import shortcuts
from napari_cmr.viewer.window.shortcuts import ACTIONS
from napari_cmr.viewer.workbench import workbench_of


@pytest.fixture
def bench(small_scan) -> SimpleNamespace:
    """What the actions need of a workbench, at frame 1 and slice 1."""
    viewer, session = ViewerModel(), Session()
    layers.show_scan(viewer, small_scan)
    session.set_scan(small_scan)
    layers.go_to(viewer, small_scan, frame=1, z=1)
    return SimpleNamespace(viewer=viewer, session=session)


def place(bench: SimpleNamespace) -> tuple[int, int]:
    scan = bench.session.scan
    return layers.frame_on_screen(bench.viewer, scan), layers.slice_on_screen(bench.viewer, scan)


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ("next_frame", (2, 1)),
        ("previous_frame", (0, 1)),
        ("next_slice", (1, 2)),
        ("previous_slice", (1, 0)),
    ],
)
def test_keys_step_through_frames_and_slices(bench, action, wanted) -> None:
    ACTIONS[action](bench)
    assert place(bench) == wanted


def test_keys_change_the_lines_one_by_one_and_undo_edits(bench) -> None:
    bench.session.set_acquisition(n_lines=5)
    ACTIONS["more_lines"](bench)
    assert bench.session.n_lines == 6
    ACTIONS["fewer_lines"](bench)
    ACTIONS["fewer_lines"](bench)
    assert bench.session.n_lines == 4
    before = bench.session.mask.array.copy()
    bench.session.edit_lines([(0, 0)], not before[0, 0], stroke=True)
    ACTIONS["undo_lines"](bench)
    assert (bench.session.mask.array == before).all()


def test_keys_go_to_the_phases_that_are_known(bench, small_scan) -> None:
    ventricle = SimpleNamespace(ed_frame=0, es_frame=3)
    bench.session.function = SimpleNamespace(lv=ventricle, rv=ventricle)
    ACTIONS["end_systole"](bench)
    assert place(bench) == (3, 1)
    ACTIONS["end_diastole"](bench)
    assert place(bench) == (0, 1)


def test_without_a_scan_keys_do_nothing() -> None:
    bench = SimpleNamespace(viewer=ViewerModel(), session=Session())
    for action in (
        "next_frame",
        "next_slice",
        "more_lines",
        "end_systole",
        "undo_lines",
        "undo_labels",
    ):
        ACTIONS[action](bench)
    assert bench.session.n_lines == 0


def test_no_shortcut_shadows_napari():
    taken = {binding for bindings in default_shortcuts.values() for binding in bindings}
    taken |= set(Viewer.class_keymap)
    keys = [key.key for key in KEYS]
    assert not taken.intersection(coerce_keybinding(key) for key in keys)
    assert len(keys) == len(set(keys))


def test_shortcuts_do_what_the_table_says(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan)
    session = workbench_of(viewer).session
    settle(viewer)
    act = {key.key: partial(shortcuts.press, action=key.action) for key in KEYS}
    act["J"](viewer)
    assert layers.frame_on_screen(viewer, small_scan) == 1
    act["H"](viewer)
    act["H"](viewer)
    assert layers.frame_on_screen(viewer, small_scan) == 5  # the heart beats in a circle
    act["N"](viewer)
    act["N"](viewer)
    assert layers.slice_on_screen(viewer, small_scan) == 2  # a stack has an end
    act["U"](viewer)
    assert layers.slice_on_screen(viewer, small_scan) == 1
    act["Q"](viewer)
    assert session.n_lines == 47
    act["W"](viewer)
    assert session.n_lines == 48
    act["Shift-S"](viewer)
    assert layers.frame_on_screen(viewer, small_scan) == session.function.lv.es_frame
    act["Shift-D"](viewer)
    assert layers.frame_on_screen(viewer, small_scan) == session.function.lv.ed_frame


def test_shortcuts_work_from_the_keyboard(open_viewer, small_scan):
    viewer = open_viewer(small_scan)
    shortcuts.bind(viewer)
    shortcuts.bind(viewer)
    for key in KEYS:
        assert viewer.keymap[coerce_keybinding(key.key)].__name__ == key.action
    assert {key.action for key in KEYS} == set(ACTIONS)


def test_undo_takes_labels_back_though_the_image_is_selected(open_viewer, small_scan, qtbot):
    viewer = open_viewer(small_scan)
    shortcuts.bind(viewer)
    layer = workbench_of(viewer).session.labels_layer
    layers.select_for_looking(viewer, small_scan)
    assert viewer.layers.selection.active is not layer
    before = layer.data.copy()
    workbench_of(viewer).annotation.delete()
    deleted = layer.data.copy()
    assert (deleted != before).any()
    for key, wanted in (("Ctrl-Z", before), ("Ctrl-Shift-Z", deleted)):
        viewer.keymap[coerce_keybinding(key)](viewer)
        assert (layer.data == wanted).all()


def test_a_bound_key_acts_on_its_own_viewer(open_viewer, small_scan):
    viewer = open_viewer(small_scan)
    shortcuts.bind(viewer)
    viewer.keymap[coerce_keybinding("J")](viewer)
    assert layers.frame_on_screen(viewer, small_scan) == 1
