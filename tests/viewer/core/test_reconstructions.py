"""What is kept of reconstructed images, and when they are old."""

from dataclasses import replace

import numpy as np
from helpers.small_scans import make_scan

from napari_cmr.analysis.image_quality import ImageQuality
from napari_cmr.kspace import Acquisition
from napari_cmr.viewer.core.reconstructions import Reconstructions
from napari_cmr.viewer.core.slice_images import ImageSource, SliceImage

TEN = Acquisition(n_lines=10)


def source(acquisition=TEN, **settings):
    return ImageSource("tv-2dt", settings, acquisition)


def made(z, value, of):
    return SliceImage(z, of, np.full((2, 4, 4), value, np.float32), None, 0.1)


def test_slices_are_written_into_one_image_and_know_where_they_came_from():
    images = Reconstructions()
    first, second = source(), source(Acquisition(n_lines=20))
    images.take(made(0, 1.0, first), n_slices=2)
    array = images.runs["tv-2dt"].image
    images.take(made(1, 2.0, second), n_slices=2)
    assert images.runs["tv-2dt"].image is array, "layers show this array itself"
    assert array[:, 0].min() == array[:, 0].max() == 1.0
    assert array[:, 1].min() == array[:, 1].max() == 2.0
    assert images.record("tv-2dt", 0).source == first
    assert images.record("tv-2dt", 1).source == second
    assert images.record("xf-fista", 0) is None


def test_an_image_that_stands_for_another_says_whose_it_is_and_knows_no_deviation():
    images, own = Reconstructions(), source()
    images.take(replace(made(0, 1.0, own), std=np.ones((2, 4, 4), np.float32)), n_slices=1)
    quick = ImageSource("quick", {}, Acquisition(n_lines=20))
    images.take(made(0, 2.0, quick), n_slices=1, stands_for="tv-2dt")
    run = images.runs["tv-2dt"]
    assert set(images.runs) == {"tv-2dt"}
    assert run.slices[0].source == quick
    assert run.image.min() == 2.0
    assert not run.std.any()
    assert images.made(own, 0) is None


def test_methods_are_chosen_for_the_scan_unless_the_user_has():
    images, cine, still = Reconstructions(), make_scan(), make_scan(n_frames=1)
    assert images.chosen == ("unrolled-net",)
    images.offer_for(still)
    assert images.chosen == images.offered[:1] == ("tv-2d",)
    images.offer_for(cine)
    assert images.chosen == ("unrolled-net",)
    images.choose(("kt-focuss", "average"))
    images.offer_for(still)
    assert images.chosen == ("average",)


def test_a_number_stays_that_of_the_image_it_was_measured_in():
    images = Reconstructions()
    first, second = source(), source(Acquisition(n_lines=20))
    quality = ImageQuality(30.0, 25.0, 0.9, 0.1)
    images.take(made(0, 1.0, first), n_slices=1)
    images.judge(first, 0, quality)
    images.take(made(0, 2.0, second), n_slices=1)
    record = images.record("tv-2dt", 0)
    assert record.source == second
    assert (record.quality, record.judged) == (quality, first)


def test_another_scan_takes_the_images_away_and_leaves_the_choice():
    images = Reconstructions()
    images.choose(("tv-2dt",))
    images.set_settings("tv-2dt", {"time": 0.1})
    images.take(made(0, 1.0, source()), n_slices=1)
    images.clear()
    assert images.runs == {}
    assert images.first == "tv-2dt"
    assert images.settings == {"tv-2dt": {"time": 0.1}}


def test_the_summary_is_of_the_newest_lines_alone():
    images = Reconstructions()
    images.choose(("tv-2dt", "average"))
    first, second = source(), source(Acquisition(n_lines=20))
    for z, of, psnr in ((0, first, 10.0), (1, second, 30.0), (2, second, 40.0)):
        images.take(made(z, 1.0, of), n_slices=3)
        images.judge(of, z, ImageQuality(psnr, 25.0, 0.9, 0.1))
    (found,) = images.summary()
    assert (found.method, found.slices, found.acquisition) == ("tv-2dt", (1, 2), second.acquisition)
    assert found.quality.psnr == 35.0


def test_an_image_is_handed_out_only_for_what_it_was_made_from():
    images = Reconstructions()
    images.take(made(0, 3.0, source()), n_slices=2)
    copy = images.made(source(), 0)
    assert copy.min() == copy.max() == 3.0
    copy[:] = 0
    assert images.runs["tv-2dt"].image[:, 0].min() == 3.0
    assert images.made(source(), 1) is None
    assert images.made(source(Acquisition(n_lines=20)), 0) is None


def test_an_image_that_was_not_judged_is_left_to_do_and_one_that_came_judged_is_not():
    images, scan, own = Reconstructions(), make_scan(n_slices=3), source()
    for z in range(2):
        images.take(made(z, 1.0, own), n_slices=3)
    images.judge(own, 1, None)
    quality = ImageQuality(psnr=30.0, psnr_moving=25.0, ssim=0.9, nrmse=0.1)
    images.take(replace(made(2, 1.0, own), is_judged=True, quality=quality), n_slices=3)
    assert images.record("tv-2dt", 2).quality == quality
    for z in range(3):
        images.read(own, z, None)
    assert images.left(own, scan) == {0}
    assert images.made(own, 0) is not None
    assert images.made(own, 0, judged=True) is None
    assert images.made(own, 1, judged=True) is not None
