"""Scar, comparison and styles live in the session: they are saved, come back, and are reported."""

import numpy as np
import pytest
from helpers import style_models
from helpers.small_scans import make_scan
from napari.utils.notifications import notification_manager

from napari_cmr.analysis.scar import ScarSettings
from napari_cmr.scan import Label, open_scan, save_image
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.sessions.session_restore import _choose_methods
from napari_cmr.viewer.docks.scar import ScarDock
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.session.file import SavedView, read_session


@pytest.fixture
def quiet(qtbot):
    """Waits until nothing runs in a viewer any more."""

    def wait(viewer):
        bench = workbench_of(viewer)

        def is_quiet():
            bench.scar.wait.flush()
            bench.comparing.look_again.flush()
            jobs = (bench.scar.job, bench.comparing.job, bench.styling.job, bench.keeper.job)
            running = any(job.is_running for job in jobs)
            return not (bench.is_busy or bench.opener.is_opening or running)

        qtbot.wait(5)
        qtbot.waitUntil(is_quiet, timeout=60_000)

    return wait


@pytest.fixture
def late(tmp_path):
    """A late enhancement file: a ring whose right half is bright; and its labels."""
    scan = make_scan("late", n_frames=1, n_slices=4)
    image = scan.image.copy()
    _, x = np.indices(scan.shape[2:])
    image[(scan.labels == Label.MYO) & (x > 20)] += 0.8
    save_image(tmp_path / "late_lge.nii.gz", image, scan)
    return tmp_path / "late_lge.nii.gz", scan.labels


@pytest.fixture
def bench(open_viewer, late, quiet):
    """A window with scar found in drawn labels with drawn remote muscle, and a second reader."""
    path, labels = late
    viewer = open_viewer()
    bench = workbench_of(viewer)
    layers.show_scan(viewer, open_scan(path).with_(kind="lge"))
    scan = bench.session.scan
    layers.add_drawn_labels(viewer, scan, np.roll(labels, 2, axis=3), "Reader B")
    drawn = layers.add_drawn_labels(viewer, scan, labels, "Mine")
    bench.session.set_labels_layer(drawn)
    bench.comparing.choose(*reversed(bench.comparing.chosen))
    bench.scar.take_labels(drawn)
    bench.scar.choose(ScarSettings(method="nsd", n=3.0), 180.0)
    bench.scar.watch(True)
    quiet(viewer)
    bench.scar.draw_remote()
    remote = layers.find(viewer, scan, "remote")
    x = np.indices(remote.data.shape)[2]
    remote.data_setitem(np.nonzero((labels[0] == Label.MYO) & (x < 18)), 1)
    quiet(viewer)
    return bench


def saved(bench, quiet, path):
    bench.keeper.save_session(path)
    quiet(bench.viewer)
    return read_session(path)


def test_scar_and_comparison_come_back_with_what_they_were_made_from(
    bench, late, quiet, open_viewer, monkeypatch
) -> None:
    monkeypatch.setattr(
        "napari_cmr.workflow.session.scan_link.open_scan",
        lambda *arguments, **keywords: open_scan(*arguments, **keywords).with_(kind="lge"),
    )
    path = late[0].with_name("late.cmr-session.json")
    before = bench.session.derived
    file = saved(bench, quiet, path)
    assert [one.name for one in file.labels] == ["Reader B", "Mine"]  # scar is found again
    assert file.labels[file.scar.labels].name == "Mine"
    assert (file.scar.settings.n, file.scar.septum_deg) == (3.0, 180.0)
    assert file.scar.remote is not None
    names = [file.labels[k].name for k in (file.comparison.first, file.comparison.second)]
    assert tuple(names) == before.comparison.comparison.names

    viewer = open_viewer()
    again = workbench_of(viewer)
    again.opener.open_path(path)
    quiet(viewer)
    derived = again.session.derived
    assert derived.scar.labels.name == "Mine"
    assert derived.scar.measurement.extent.scar_g == pytest.approx(
        before.scar.measurement.extent.scar_g
    )
    np.testing.assert_array_equal(
        derived.scar.measurement.scar.remote.mask, before.scar.measurement.scar.remote.mask
    )
    assert derived.comparison.comparison.names == before.comparison.comparison.names
    assert derived.old_text("scar") == derived.old_text("comparison") == ""
    assert layers.find(viewer, again.session.scan, "scar") is not None
    dock = ScarDock(viewer)
    assert dock.mass.text == f"{before.scar.measurement.extent.scar_g:.0f} g"
    assert dock.n_number.value() == 3.0
    assert dock.septum.currentText() == "left"
    assert dock.automatic.isEnabled()
    once_more = saved(again, quiet, path.with_name("again.cmr-session.json"))
    assert (once_more.scar, once_more.comparison) == (file.scar, file.comparison)


def test_what_is_of_labels_that_are_no_more_is_left_out_and_said_to_be(bench, late, quiet) -> None:
    bench.scar.watch(False)
    labels = bench.scar.labels
    labels.data_setitem(np.nonzero(labels.data == Label.MYO), int(Label.BACKGROUND))
    quiet(bench.viewer)
    said = []
    notification_manager.notification_ready.connect(lambda one: said.append(one.message))
    file = saved(bench, quiet, late[0].with_name("old.cmr-session.json"))
    assert file.scar is None
    assert any("scar before Mine was edited" in message for message in said)


def test_a_report_has_the_scar_the_comparison_and_whose_labels_they_are_of(
    bench, late, quiet
) -> None:
    layer = bench.session.labels_layer
    layers.set_accepted(layer, np.array([[True, False, True, False]]))
    page = late[0].with_name("late.html")
    bench.keeper.save_report(page)
    quiet(bench.viewer)
    text = page.read_text("utf-8")
    grams = bench.session.derived.scar.measurement.extent.scar_g
    for words in (
        f"<b>{grams:.1f} g</b>scar",
        "Found in</th><td>Mine (drawn)",
        "n-SD with n = 3, remote muscle drawn by hand",
        "Transmurality, %",
        "<h2>Comparison, second minus first</h2>",
        "Reader B (drawn)",
        "Accepted slices</th><td>frame 1: slices 1, 3",
    ):
        assert words in text, words


def test_styles_are_kept_as_numbers_and_rendered_again(
    open_viewer, tmp_path, quiet, monkeypatch
) -> None:
    for _folder in style_models.in_use(tmp_path / "models", monkeypatch):
        cine = make_scan("cine")
        save_image(tmp_path / "cine.nii.gz", cine.image, cine)
        viewer = open_viewer(open_scan(tmp_path / "cine.nii.gz"))
        bench = workbench_of(viewer)
        bench.styling.choose(samples=3, seed=4, shifts=(0.5, 0.0, 0.0))
        bench.styling.show()
        quiet(viewer)
        styled = bench.session.derived.styles
        bench.styling.leave()
        path = tmp_path / "styles.cmr-session.json"
        file = saved(bench, quiet, path)
        assert (file.styles.seed, len(file.styles.names), file.styles.shifts[0]) == (4, 3, 0.5)
        assert file.styles.models[0].sha256 == styled.weights["munit"]

        other = open_viewer()
        again = workbench_of(other)
        again.opener.open_path(path)
        quiet(other)
        kept = again.session.derived.styles
        assert kept.images is None
        np.testing.assert_array_equal(kept.codes, styled.codes)
        layers.go_to(other, again.session.scan, frame=styled.frame, z=styled.z)
        assert again.session.derived.old_text("styles") == ""
        again.styling.show()
        quiet(other)
        np.testing.assert_allclose(again.session.derived.styles.codes, styled.codes, atol=1e-5)
        again.styling.leave()


def test_methods_and_their_settings_come_back_and_make_the_image_again(
    open_viewer, qtbot, settle, tmp_path
):
    scan = make_scan("cine")
    save_image(tmp_path / "cine.nii", scan.image, scan)
    bench = workbench_of(open_viewer(open_scan(tmp_path / "cine.nii")))
    bench.session.set_acquisition(n_lines=8, seed=2)
    bench.session.reconstructions.set_settings("tv-2d", {"iterations": 2})
    bench.reconstruction.set_methods(("tv-2d",))
    bench.session.reconstructions.look(side_by_side=False, overlay="motion")
    bench.reconstruction.run()
    qtbot.waitUntil(lambda: not bench.reconstruction.job.is_running, timeout=60_000)
    made = bench.session.reconstructions.runs["tv-2d"].image.copy()
    path = tmp_path / "x.cmr-session.json"
    bench.keeper.save_session(path)
    qtbot.waitUntil(path.exists, timeout=60_000)
    again = workbench_of(open_viewer())
    again.opener.open_path(path)
    qtbot.waitUntil(lambda: "tv-2d" in again.session.reconstructions.runs, timeout=60_000)
    qtbot.waitUntil(lambda: not again.reconstruction.job.is_running, timeout=60_000)
    assert again.session.picture == "reconstructed"
    assert again.session.reconstructions.settings == {"tv-2d": {"iterations": 2}}
    assert again.session.reconstructions.overlay == "motion"
    assert not again.session.reconstructions.side_by_side
    np.testing.assert_array_equal(again.session.reconstructions.runs["tv-2d"].image, made)


def test_a_method_that_is_not_there_any_more_is_told(open_viewer, small_scan, tmp_path, qtbot):
    bench = workbench_of(open_viewer(small_scan))
    shown = []
    notification_manager.notification_ready.connect(lambda event: shown.append(event.message))
    view = SavedView(
        methods=("gone", "average"), settings={"tv-2d": {"iterations": -1}, "gone": {"a": 1}}
    )
    _choose_methods(bench.session, view)
    assert bench.session.reconstructions.chosen == ("average",)
    assert bench.session.reconstructions.settings == {}
    assert any("iterations" in text and "'gone'" in text for text in map(str, shown))
