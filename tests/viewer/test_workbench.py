"""One workbench for each viewer, which goes with it."""

import gc
import weakref

from napari.components import ViewerModel

from napari_cmr.viewer.workbench import Workbench, workbench_of


def test_a_workbench_goes_with_its_viewer(qapp):
    viewer = ViewerModel()
    bench = weakref.ref(workbench_of(viewer))
    assert workbench_of(viewer) is bench()
    del viewer
    gc.collect()
    assert bench() is None


def test_a_proxy_of_a_viewer_has_the_workbench_of_the_viewer(qapp):
    viewer = ViewerModel()

    class Proxy:
        __wrapped__ = viewer

    assert workbench_of(Proxy()) is workbench_of(viewer)
    assert workbench_of(ViewerModel()) is not workbench_of(viewer)


def test_a_second_image_that_was_there_before_takes_the_place_of_the_first(qapp, small_scan):
    from napari_cmr.viewer import layers

    viewer = ViewerModel()
    layers.show_scan(viewer, small_scan.with_())
    layers.show_scan(viewer, small_scan)
    bench = Workbench(viewer)
    assert bench.session.scan is small_scan
    assert {layers.scan_of(layer) for layer in viewer.layers} == {small_scan}
    bench.close()
