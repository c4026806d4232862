"""Which styles are wanted, when they are rendered, and that the scan comes back as it was."""

import numpy as np
import pytest

from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.images import style
from napari_cmr.viewer.controllers.images.style import CHOSEN, RealStyles, Styling, same_request
from napari_cmr.workflow.style.rendering import N_DIRECTIONS, Styled

WAIT = 60_000


@pytest.fixture
def asked(monkeypatch):
    """Frame, slice and request of each rendering; the pictures are blank."""
    calls = []

    def render(scan, frame, z, wanted, _kept):
        calls.append((frame, z, wanted))
        n = wanted.samples
        names = (*wanted.given_names, *[""] * (n - len(wanted.given_names)))
        images = np.zeros((n, *scan.shape[2:]), np.float32)
        codes = np.zeros((n, 4), np.float32)
        yield Styled(
            *(frame, z, wanted.seed, names, codes, wanted.given, wanted.shifts, "munit", {}),
            images=images,
        )

    monkeypatch.setattr(style, "render_styles", render)
    monkeypatch.setattr(style, "why_not", lambda _scan: "")
    return calls


@pytest.fixture
def styling(bare, small_scan, asked):
    viewer, session = bare(small_scan)
    covered = []
    styling = Styling(viewer, session, covered.append)
    styling.covered = covered
    styling.choose(samples=2)
    styling.viewer = viewer
    yield styling
    styling.leave()
    styling.wait.cancel()


def quiet(styling, qtbot):
    styling.wait.flush()
    qtbot.waitUntil(lambda: not styling.job.is_running, timeout=WAIT)


def show(styling, qtbot):
    styling.show()
    quiet(styling, qtbot)


def test_the_slice_on_screen_is_shown_in_styles_and_the_scan_comes_back(styling, asked, qtbot):
    before = [(layer.name, layer.visible) for layer in styling.viewer.layers]
    show(styling, qtbot)
    assert styling.covered == [True]
    assert asked == [(0, 1, styling.wanted)]
    assert styling.is_shown
    assert {layers.role_of(one) for one in styling.viewer.layers if one.visible} == {"style"}
    styling.leave()
    assert not styling.is_shown
    assert styling.covered == [True, False]
    assert not styling.viewer.canvas.grid.enabled
    assert [(layer.name, layer.visible) for layer in styling.viewer.layers] == before


def test_another_slice_is_rendered_while_styles_are_shown(styling, asked, qtbot):
    show(styling, qtbot)
    layers.go_to(styling.viewer, styling.session.scan, frame=2, z=0)
    assert styling.session.derived.old_text("styles") == "of slice 2, frame 1"
    quiet(styling, qtbot)
    assert asked[-1][:2] == (2, 0)
    assert styling.session.derived.old_text("styles") == ""
    styling.leave()
    layers.go_to(styling.viewer, styling.session.scan, frame=0)
    quiet(styling, qtbot)
    assert len(asked) == 2


def test_others_are_drawn_with_another_seed(styling, asked, qtbot):
    show(styling, qtbot)
    styling.draw_others()
    quiet(styling, qtbot)
    assert [wanted.seed for _frame, _z, wanted in asked] == [0, 1]


def test_the_style_of_a_real_slice_comes_first_and_is_given_back(styling, asked, qtbot):
    codes = np.arange(12, dtype=np.float32).reshape(3, 4)
    styling._on_real(RealStyles("late", codes))
    quiet(styling, qtbot)
    assert styling.real_slice == 1
    np.testing.assert_array_equal(asked[-1][2].given, codes[1:2])
    assert styling.session.derived.styles.names == (CHOSEN, "")
    styling.choose_slice(2)
    quiet(styling, qtbot)
    np.testing.assert_array_equal(asked[-1][2].given, codes[2:3])
    styling.choose(shifts=(1.0,) * N_DIRECTIONS)
    styling.reset()
    assert styling.real is None
    assert styling.wanted.given_names == ()
    assert styling.wanted.shifts == (0.0,) * N_DIRECTIONS


def test_what_comes_while_styles_are_shown_is_hidden_until_they_go(styling, qtbot):
    show(styling, qtbot)
    stranger = styling.viewer.add_image(styling.session.scan.image, name="other")
    assert not stranger.visible
    styling.leave()
    assert stranger.visible


def test_another_picture_of_the_scan_ends_the_styles(styling, qtbot):
    styling.session.set_acquisition(n_lines=8)
    show(styling, qtbot)
    styling.session.set_picture("image")
    assert not styling.is_shown


def test_requests_differ_by_what_is_asked(styling):
    wanted = styling.wanted
    assert same_request(wanted, wanted)
    for change in ({"samples": 4}, {"seed": 9}, {"given": np.ones((1, 4), np.float32)}):
        styling.choose(**change)
        assert not same_request(wanted, styling.wanted)
        wanted = styling.wanted
