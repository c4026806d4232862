"""Real events on the Reconstruct dock in a real window."""

from threading import Event

import numpy as np
import pytest
from helpers.small_scans import make_scan
from pydantic import Field
from qtpy.QtCore import QPoint, Qt

from napari_cmr.kspace import undersample
from napari_cmr.solvers import Answer, Solver, SolverSettings, solvers
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.images import reconstruction as controller
from napari_cmr.viewer.docks.acquire import AcquireDock
from napari_cmr.viewer.docks.reconstruct import ReconstructDock
from napari_cmr.viewer.widgets.parts import OLD_COLOUR
from napari_cmr.workflow.reconstruct.image_reader import SliceScorer
from napari_cmr.workflow.reconstruct.quality import quality_of
from napari_cmr.workflow.reconstruct.solving import reconstruct

LEFT = Qt.MouseButton.LeftButton
FEW = 8


@pytest.fixture
def slow(monkeypatch):
    """A method that gives nothing before it is let go; what it begins with is counted."""

    class Slow:
        go, begun = Event(), []

    def wait(one, _settings, watch):
        Slow.begun.append(one.mask.sum())
        while not Slow.go.wait(0.005):
            watch(0.5)
        return one.zero_filled()

    monkeypatch.setitem(solvers(), "slow", Solver("slow", "Slow", "", wait))
    Slow.go.clear()
    Slow.begun.clear()
    yield Slow
    Slow.go.set()


@pytest.fixture
def dock(open_viewer, small_scan, settle):
    return opened(open_viewer(small_scan, show=True), settle)


def opened(viewer, settle):
    dock = ReconstructDock(viewer)
    viewer.window.add_dock_widget(dock, name="Reconstruct")
    dock.reconstruction.set_methods(("view-sharing",))
    dock.session.set_acquisition(n_lines=FEW)
    settle(viewer)
    return dock


def wait(dock, qtbot):
    qtbot.waitUntil(lambda: not dock.reconstruction.job.is_running, timeout=60_000)
    qtbot.wait(1)


def tick(dock, name, qtbot):
    """Click the box of a method."""
    item = dock.table.item(dock.names.index(name), 0)
    dock.table.scrollToItem(item)
    place = dock.table.visualItemRect(item)
    qtbot.mouseClick(dock.table.viewport(), LEFT, pos=QPoint(place.left() + 12, place.center().y()))


def follow(dock, qtbot):
    """Click the box that has every change of the lines followed."""
    qtbot.mouseClick(dock.follow, LEFT, pos=QPoint(8, dock.follow.height() // 2))


def choose(dock, name, qtbot):
    """Tick a method, and no other."""
    for other in dock.reconstruction.methods:
        tick(dock, other, qtbot)
    tick(dock, name, qtbot)
    assert dock.reconstruction.methods == (name,)


def picture(dock):
    return layers.find(dock.viewer, dock.session.scan, "reconstructed")


def notice(dock):
    return dock.viewer.canvas.overlays.text.text


def numbers(dock):
    """Rows of the table of numbers: texts, and whether they are grey."""
    table = dock.numbers
    return [
        (
            [table.item(line, place).text() for place in range(table.columnCount())],
            table.item(line, 1).foreground().color().name() == OLD_COLOUR,
        )
        for line in range(table.rowCount())
    ]


def read_is_grey(dock):
    """Whether the score of the first line does not belong to what is chosen now."""
    return dock.numbers.item(0, 5).foreground().color().name() == OLD_COLOUR


def magnitude(scan, acquisition, method, settings=None):
    return np.abs(reconstruct(undersample(scan, acquisition), method, settings).image)


def test_without_a_scan_it_says_what_to_do(open_viewer, settle):
    viewer = open_viewer()
    dock = ReconstructDock(viewer)
    assert "Open a scan" in dock.state.text()
    assert not dock.run.isEnabled()
    assert not dock.numbers.isVisibleTo(dock)


def test_with_all_lines_it_says_to_choose_fewer(open_viewer, small_scan):
    dock = ReconstructDock(open_viewer(small_scan))
    assert "Choose fewer under Acquire" in dock.state.text()


def test_the_picture_under_acquire_is_made_of_the_lines(open_viewer, small_scan, qtbot, settle):
    viewer = open_viewer(small_scan, show=True)
    acquire = AcquireDock(viewer)
    viewer.window.add_dock_widget(acquire, name="Acquire")
    session = acquire.session
    acquire.workbench.reconstruction.set_methods(("view-sharing",))
    session.set_acquisition(n_lines=FEW)
    settle(viewer)
    qtbot.mouseClick(acquire.pictures["reconstructed"], LEFT)
    job = acquire.workbench.reconstruction.job
    qtbot.waitUntil(lambda: not job.is_running, timeout=60_000)
    shown = layers.find(viewer, small_scan, "reconstructed")
    assert shown.visible
    assert not layers.find(viewer, small_scan, "zero_filled").visible
    wanted = magnitude(small_scan, session.acquisition, "view-sharing")
    np.testing.assert_allclose(shown.data, wanted, atol=1e-5)
    assert "Reconstructed by view-sharing" in viewer.canvas.overlays.text.text
    qtbot.mouseClick(acquire.pictures["zero_filled"], LEFT)
    assert not shown.visible
    assert "Reconstructed" not in viewer.canvas.overlays.text.text


def test_one_run_makes_the_slice_on_screen_first_and_says_how_close_it_is(dock, qtbot):
    order = []
    dock.session.reconstructions.slice_made.connect(lambda _method, z: order.append(z))
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    scan, acquisition = dock.session.scan, dock.session.acquisition
    assert order[0] == dock.reconstruction.slice_on_screen == 1
    assert sorted(order) == [0, 1, 2]
    measured = undersample(scan, acquisition, slices=(1,))
    made = reconstruct(measured, "view-sharing")
    quality = quality_of(scan, made)[1]
    score = SliceScorer(scan).score(1, np.abs(made.image[:, 0]))
    (texts, grey), *more = numbers(dock)
    assert not more
    assert texts == [
        "view-sharing",
        f"{quality.psnr:.1f}",
        f"{quality.psnr_moving:.1f}",
        f"{quality.ssim:.3f}".removeprefix("0"),
        f"{quality.nrmse:.3f}".removeprefix("0"),
        f"{score.mean:.3f}".removeprefix("0"),
    ]
    assert not grey
    read = dock.numbers.item(0, 5)
    assert f"read by {score.model} against the labels" in read.toolTip()
    assert f"LV {score.classes['LV']:.3f}" in read.toolTip()
    dock.session.set_acquisition(n_lines=20)
    assert read_is_grey(dock)
    assert "Made from" in dock.numbers.item(0, 5).toolTip()
    assert not dock.reconstruction.follows


def test_a_scan_that_no_segmenter_belongs_to_has_no_score(open_viewer, small_scan, qtbot):
    long_axis = small_scan.with_(view="4CH")
    dock = ReconstructDock(open_viewer(long_axis))
    dock.session.set_acquisition(n_lines=FEW)
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    assert dock.numbers.item(0, 5).text() == "–"
    assert read_is_grey(dock)
    assert "No segmenter of full images belongs" in dock.numbers.item(0, 5).toolTip()


def test_while_it_follows_every_change_of_the_lines_is_reconstructed(dock, qtbot, settle):
    follow(dock, qtbot)
    wait(dock, qtbot)
    for n_lines in (20, 5):
        dock.session.set_acquisition(n_lines=n_lines)
        settle(dock.viewer)
        wait(dock, qtbot)
        wanted = magnitude(dock.session.scan, dock.session.acquisition, "view-sharing")
        np.testing.assert_allclose(picture(dock).data, wanted, atol=1e-5)
        assert "⚠" not in notice(dock)


def test_what_is_of_other_lines_is_grey_and_says_so_at_once(dock, qtbot, settle):
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    fresh, before = picture(dock).colormap, numbers(dock)
    dock.session.set_acquisition(n_lines=20)
    assert picture(dock).colormap != fresh
    assert f"⚠ Reconstructed by view-sharing, from {FEW} of 48 lines" in notice(dock)
    ((texts, grey),) = numbers(dock)
    assert texts == before[0][0]
    assert grey
    dock.session.set_acquisition(n_lines=FEW)
    assert picture(dock).colormap == fresh
    assert "⚠" not in notice(dock)
    assert not numbers(dock)[0][1]


def test_other_settings_make_it_old_too(dock, qtbot):
    choose(dock, "tv-2dt", qtbot)
    dock.session.reconstructions.set_settings("tv-2dt", {"iterations": 2})
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    wanted = magnitude(dock.session.scan, dock.session.acquisition, "tv-2dt", {"iterations": 2})
    np.testing.assert_allclose(picture(dock).data, wanted, atol=1e-5)
    dock.session.reconstructions.set_settings("tv-2dt", {"iterations": 3})
    assert "with other settings" in notice(dock)


def test_several_methods_are_compared_on_the_same_lines(dock, qtbot):
    tick(dock, "zero-filled", qtbot)
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    assert [texts[0] for texts, _ in numbers(dock)] == ["view-sharing", "zero-filled"]
    runs = dock.session.reconstructions.runs
    for method in ("view-sharing", "zero-filled"):
        wanted = magnitude(dock.session.scan, dock.session.acquisition, method)
        np.testing.assert_allclose(runs[method].image, wanted, atol=1e-5)
    assert picture(dock).data is runs["view-sharing"].image
    tick(dock, "view-sharing", qtbot)
    assert picture(dock).data is runs["zero-filled"].image
    assert "Reconstructed by zero-filled" in notice(dock)


def test_what_is_there_is_not_made_again(dock, qtbot):
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    made = []
    dock.session.reconstructions.slice_made.connect(lambda *what: made.append(what))
    tick(dock, "average", qtbot)
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    assert {method for method, _z in made} == {"average"}


def test_cancel_ends_the_work_and_keeps_the_last_image(slow, dock, qtbot):
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    kept = picture(dock).data.copy()
    choose(dock, "slow", qtbot)
    qtbot.mouseClick(dock.run, LEFT)
    qtbot.waitUntil(lambda: bool(slow.begun), timeout=10_000)
    assert dock.run.text() == "Cancel"
    qtbot.mouseClick(dock.run, LEFT)
    assert not dock.reconstruction.job.is_running
    assert dock.run.text() == "Reconstruct"
    qtbot.waitUntil(lambda: not dock.reconstruction.job.is_at_work, timeout=10_000)
    np.testing.assert_array_equal(picture(dock).data, kept)
    assert "Reconstructed by view-sharing" in notice(dock)


def test_newer_lines_take_the_place_of_slow_work(slow, dock, qtbot, monkeypatch):
    monkeypatch.setattr(controller, "PATIENCE_S", 0.0)
    choose(dock, "slow", qtbot)
    follow(dock, qtbot)
    qtbot.waitUntil(lambda: len(slow.begun) == 1, timeout=10_000)
    for n_lines in (10, 12):
        dock.session.set_acquisition(n_lines=n_lines)
    qtbot.waitUntil(lambda: slow.begun[-1] == 12 * 6, timeout=10_000)
    slow.go.set()
    wait(dock, qtbot)
    records = dock.session.reconstructions.runs["slow"].slices
    assert {one.source.acquisition.n_lines for one in records.values()} == {12}


def test_slow_work_on_other_lines_is_marked_after_a_moment(slow, dock, qtbot):
    follow(dock, qtbot)
    wait(dock, qtbot)
    slow.go.set()
    choose(dock, "slow", qtbot)
    wait(dock, qtbot)
    slow.go.clear()
    dock.session.set_acquisition(n_lines=20)
    qtbot.waitUntil(lambda: "⚠ Reconstructed by slow" in notice(dock), timeout=10_000)
    slow.go.set()
    wait(dock, qtbot)
    qtbot.waitUntil(lambda: "⚠" not in notice(dock), timeout=10_000)


def test_a_lattice_is_refused_for_low_rank_and_the_last_image_says_whose_it_is(dock, qtbot):
    choose(dock, "low-rank-sparse", qtbot)
    dock.session.reconstructions.set_settings("low-rank-sparse", {"iterations": 2})
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    kept = picture(dock).data.copy()
    dock.session.set_acquisition(pattern="uniform")
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    assert "lattice" in dock.warning.text()
    assert "variable-density" in dock.warning.text()
    assert f"Its last image is kept, from {FEW} of 48 lines" in dock.warning.text()
    np.testing.assert_array_equal(picture(dock).data, kept)
    assert "⚠ Reconstructed by low-rank-sparse" in notice(dock)


def test_methods_are_offered_for_the_scans_they_take(open_viewer, small_scan, settle, qtbot):
    dock = opened(open_viewer(small_scan, show=True), settle)
    assert "kt-focuss" in dock.names
    assert "recnet-refined" not in dock.names
    choose(dock, "kt-focuss", qtbot)
    layers.show_scan(dock.viewer, make_scan("still", n_frames=1))
    settle(dock.viewer)
    assert dock.reconstruction.methods == ("tv-2d",)
    assert "chosen because unrolled-net does not take stills" in dock.about.text()
    assert "kt-focuss" not in dock.names
    assert "recnet-refined" in dock.names
    assert [dock.table.item(line, 0).text() for line in range(dock.table.rowCount())] == [
        *dock.names
    ]
    dock.session.set_acquisition(n_lines=FEW)
    choose(dock, "zero-filled", qtbot)
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    assert dock.warning.text() == ""
    assert dock.numbers.isColumnHidden(2)


@pytest.fixture
def broken(request, monkeypatch):
    """A method that fails in some way, or gives no numbers."""

    def fail(one, _settings, _watch):
        if request.param is not None:
            raise request.param
        return np.full(one.zero_filled().shape, np.nan, np.complex64)

    monkeypatch.setitem(solvers(), "broken", Solver("broken", "Broken", "", fail))


@pytest.mark.parametrize(
    ("broken", "said"),
    [(MemoryError(), "not enough memory"), (None, "NaN or infinite"), (KeyError("x"), "KeyError")],
    indirect=["broken"],
)
def test_whatever_goes_wrong_is_said_and_the_others_go_on(broken, dock, qtbot, said):
    tick(dock, "broken", qtbot)
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    assert said in dock.warning.text()
    assert sorted(dock.session.reconstructions.runs["view-sharing"].slices) == [0, 1, 2]
    assert "broken" not in dock.session.reconstructions.runs


def test_another_scan_takes_the_image_away(dock, qtbot, settle):
    follow(dock, qtbot)
    wait(dock, qtbot)
    other = make_scan("other", n_slices=2)
    layers.show_scan(dock.viewer, other)
    settle(dock.viewer)
    assert picture(dock) is None
    assert not dock.follow.isChecked()
    assert not dock.numbers.isVisibleTo(dock)
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    assert picture(dock).data.shape == other.shape


def tile(dock, method):
    return next(
        layer
        for layer in dock.viewer.layers
        if layers.role_of(layer) == "tile" and layers.state_of(layer).method == method
    )


def made_side_by_side(dock, qtbot):
    tick(dock, "average", qtbot)
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)


def test_several_methods_stand_beside_the_full_scan(dock, qtbot):
    made_side_by_side(dock, qtbot)
    viewer, scan = dock.viewer, dock.session.scan
    assert viewer.canvas.grid.enabled
    assert layers.tiled_methods(viewer, scan) == ("view-sharing", "average")
    runs = dock.session.reconstructions.runs
    assert tile(dock, "average").data is runs["average"].image
    assert tile(dock, "average").name == f"average, {FEW} lines"
    np.testing.assert_array_equal(tile(dock, layers.FULL).data, scan.image)
    assert tile(dock, layers.FULL).name == "All 48 lines"
    tile(dock, layers.FULL).contrast_limits = (0.0, 0.5)
    assert tuple(tile(dock, "average").contrast_limits) == (0.0, 0.5)
    assert len(layers.crosses(viewer, scan)) == 3
    qtbot.mouseClick(dock.side_by_side, LEFT, pos=QPoint(8, dock.side_by_side.height() // 2))
    assert not viewer.canvas.grid.enabled
    assert picture(dock).visible
    assert layers.tiled_methods(viewer, scan) == ()


def test_tiles_of_other_lines_are_grey_and_say_so(dock, qtbot):
    made_side_by_side(dock, qtbot)
    fresh = tile(dock, "average").colormap
    dock.session.set_acquisition(n_lines=20)
    assert tile(dock, "average").name == f"⚠ average, from {FEW} lines"
    assert tile(dock, "average").colormap != fresh
    assert tile(dock, layers.FULL).colormap == fresh


def test_another_picture_closes_the_tiles_and_the_reconstructed_one_opens_them(dock, qtbot):
    made_side_by_side(dock, qtbot)
    dock.session.set_picture("image")
    assert not dock.viewer.canvas.grid.enabled
    assert layers.find(dock.viewer, dock.session.scan, "image").visible
    dock.session.set_picture("reconstructed")
    assert dock.viewer.canvas.grid.enabled


def overlay(dock, method):
    return next(
        layer
        for layer in dock.viewer.layers
        if layers.role_of(layer) == "overlay" and layers.state_of(layer).method == method
    )


def test_the_error_lies_over_the_frame_on_screen(dock, qtbot):
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    dock.overlay.setCurrentIndex(dock.overlay.findData("error"))
    scan, image = dock.session.scan, dock.session.reconstructions.runs["view-sharing"].image
    for frame, z in ((0, 1), (3, 1), (3, 2)):
        layers.go_to(dock.viewer, scan, frame=frame, z=z)
        full = scan.image
        wanted = 100 * np.abs(image[frame, z] - full[frame, z]) / full[:, z].max()
        np.testing.assert_allclose(overlay(dock, layers.PICTURE).data, wanted, atol=1e-3)
    dock.overlay.setCurrentIndex(dock.overlay.findData("none"))
    assert not overlay(dock, layers.PICTURE).data.any()


def test_every_tile_has_its_own_error_and_the_full_scan_has_none(dock, qtbot):
    made_side_by_side(dock, qtbot)
    dock.overlay.setCurrentIndex(dock.overlay.findData("error"))
    assert not overlay(dock, layers.FULL).data.any()
    both = [overlay(dock, method).data for method in ("view-sharing", "average")]
    assert all(one.any() for one in both)
    assert not np.array_equal(*both)


def test_uncertainty_is_shown_where_a_method_knows_it(dock, qtbot):
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    dock.overlay.setCurrentIndex(dock.overlay.findData("uncertainty"))
    assert "None of the ticked methods knows" in dock.state.text()
    run = dock.session.reconstructions.runs["view-sharing"]
    run.std = np.full(run.image.shape, 0.1, np.float32)
    layers.go_to(dock.viewer, dock.session.scan, frame=1)
    peak = dock.session.scan.image[:, 1].max()
    np.testing.assert_allclose(overlay(dock, layers.PICTURE).data, 10 / peak, rtol=1e-4)


def test_motion_is_laid_over_every_tile_and_its_numbers_are_told(dock, qtbot):
    made_side_by_side(dock, qtbot)
    dock.overlay.setCurrentIndex(dock.overlay.findData("motion"))
    motion, z = dock.workbench.motion, dock.reconstruction.slice_on_screen
    qtbot.waitUntil(lambda: len(motion.shown()) == 3, timeout=60_000)

    def with_arrows():
        found = [one for one in dock.viewer.layers if layers.role_of(one) == "motion"]
        return {layers.state_of(one).method for one in found if len(one.data) and one.visible}

    assert {layers.FULL, "view-sharing"} <= with_arrows()
    assert dock.motion_note.isVisibleTo(dock)
    text = dock.motion_note.text.text()
    error = dock.session.reconstructions.motion("average", z).error_mm
    assert f"average {error:.1f} mm" in text
    assert "Arrows: displacement since frame" in notice(dock)
    dock.overlay.setCurrentIndex(0)
    qtbot.waitUntil(lambda: not with_arrows(), timeout=10_000)
    assert not dock.motion_note.isVisibleTo(dock)
    assert "Arrows" not in notice(dock)


def test_settings_are_those_of_the_method_and_are_used(dock, qtbot):
    assert not dock.fold.isVisibleTo(dock)  # view sharing has none
    choose(dock, "tv-2dt", qtbot)
    assert dock.fold.isVisibleTo(dock)
    dock.form.widgets["iterations"].value = 2
    assert dock.session.reconstructions.settings == {"tv-2dt": {"iterations": 2}}
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    wanted = magnitude(dock.session.scan, dock.session.acquisition, "tv-2dt", {"iterations": 2})
    np.testing.assert_allclose(picture(dock).data, wanted, atol=1e-5)


class Sliding(SolverSettings):
    gate: float = Field(default=1.0, ge=0, le=1, json_schema_extra={"slider": True})


@pytest.fixture
def refining(monkeypatch):
    """A method that adds a tenth of its peak to the upper half, as far as it is told to."""

    def refine(one, settings, _watch):
        image = one.zero_filled()
        added = np.zeros(image.shape, np.float32)
        added[:, :24] = settings.gate * 0.1 * np.abs(image).max()
        direction = image / np.maximum(np.abs(image), 1e-9)
        return Answer(image + added * direction, added=added)

    invents = "Refined by an adversarial network: details may be invented."
    solver = Solver("refining", "Refining", "", refine, Sliding, invents=invents)
    monkeypatch.setitem(solvers(), "refining", solver)


@pytest.fixture
def refined(refining, open_viewer, small_scan, settle, qtbot):
    dock = opened(open_viewer(small_scan, show=True), settle)
    choose(dock, "refining", qtbot)
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    return dock


def test_a_slider_recomputes_at_once_and_what_is_plain_again_says_nothing(refined, qtbot):
    dock = refined
    assert not dock.reconstruction.follows
    assert "network:\ndetails may be invented" in notice(dock)  # not cut off at the end
    whole = picture(dock).data.copy()
    slider = dock.form.widgets["gate"]
    assert slider.widget_type == "FloatSlider"
    for place in (0.5, 0.0):
        slider.value = place
        wait(dock, qtbot)
        assert dock.session.reconstructions.settings["refining"] == {"gate": place}
        assert ("details may be invented" in notice(dock)) is (place > 0)
    plain = np.abs(undersample(dock.session.scan, dock.session.acquisition).zero_filled)
    np.testing.assert_allclose(picture(dock).data, plain, atol=1e-5)
    assert np.abs(whole - plain).max() > 0.01
    assert not dock.reconstruction.old_text("refining", dock.reconstruction.slice_on_screen)


def test_what_the_network_added_is_laid_over_its_image(refined, qtbot):
    dock = refined
    dock.overlay.setCurrentIndex(dock.overlay.findData("added"))
    run = dock.session.reconstructions.runs["refining"]
    z, peak = dock.reconstruction.slice_on_screen, dock.session.scan.image
    peak = peak[:, z].max()
    layer = overlay(dock, layers.PICTURE)
    np.testing.assert_allclose(layer.data, 100 * run.added[0, z] / peak, rtol=1e-4)
    assert layer.data[:24].all()
    assert not layer.data[24:].any()
    choose(dock, "view-sharing", qtbot)
    qtbot.mouseClick(dock.run, LEFT)
    wait(dock, qtbot)
    assert "None of the ticked methods refines" in dock.state.text()
    assert "invented" not in notice(dock)


def test_a_tile_of_invented_details_is_named_in_the_notice(refined, qtbot):
    tick(refined, "view-sharing", qtbot)
    qtbot.mouseClick(refined.run, LEFT)
    wait(refined, qtbot)
    assert "⚠ refining:\nRefined by an adversarial network:\ndetails may be invented" in notice(
        refined
    )
    assert "view-sharing:" not in notice(refined)
