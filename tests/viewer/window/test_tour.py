"""The scripted tour, on a small heart and without a network."""

import numpy as np
from helpers.small_scans import make_scan
from PIL import Image

from napari_cmr.viewer.window.tour import MOVIE_WIDTH, Tour
from napari_cmr.viewer.window.workspace import open_workspace
from napari_cmr.viewer.workbench import workbench_of


def test_the_tour_leaves_numbered_pictures_and_a_movie(open_viewer, settle, tmp_path):
    scan = make_scan()
    viewer = open_viewer(scan, show=True)
    open_workspace(viewer)
    settle(viewer)
    layer = workbench_of(viewer).session.labels_layer
    Tour(viewer, scan, tmp_path, ()).run()
    names = sorted(
        path.name for path in tmp_path.iterdir() if path.is_file()
    )  # autosave has a folder
    assert names[:3] == ["01-open.png", "02-full.png", "03-20-lines.png"]
    assert [name.split("-", 1)[1] for name in names[-6:-1]] == [
        "motion.png",
        "end-systole.png",
        "bulls-eye.png",
        "edit.png",
        "reading-screen.png",
    ]
    assert names[-1] == "tour.gif"
    picture = np.asarray(Image.open(tmp_path / names[0]).convert("L"))
    assert picture.std() > 5  # a window was drawn
    movie = Image.open(tmp_path / "tour.gif")
    assert movie.width == MOVIE_WIDTH
    assert movie.n_frames > len(names)
    assert (tmp_path / "tour.gif").stat().st_size < 5_000_000
    assert np.array_equal(layer.data, scan.labels)  # what it painted is undone
