from napari_cmr.analysis.withheld import withheld_function
from napari_cmr.scan import Code, Notice


def test_every_number_is_missing_and_the_reason_is_given():
    reason = Notice(Code.ONE_FRAME, "One frame only.")
    function = withheld_function(4, [0, 2], reason)
    assert function.warnings == (reason,)
    assert function.frames == (0, 2)
    assert function.lv_mass_g is None
    for ventricle in (function.lv, function.rv):
        assert ventricle.volumes_ml.shape == (4,)
        numbers = [getattr(ventricle, name) for name in vars(ventricle) if name != "volumes_ml"]
        assert set(numbers) == {None}
