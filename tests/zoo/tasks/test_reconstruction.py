import numpy as np
import pytest
import torch
from helpers.beating_discs import coils_slice, disc_slice, error
from helpers.reconstruction_models import write_reconstruction_model

from napari_cmr.scan import ScanError
from napari_cmr.workflow.reconstruct.methods import find_method
from napari_cmr.zoo import ModelChoice, load
from napari_cmr.zoo.folders import MODELS_VARIABLE
from napari_cmr.zoo.tasks.reconstruction import Reconstructor


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    return tmp_path


def loaded(precision: str = "float32") -> Reconstructor:
    choice = ModelChoice(name="unrolled-net", device="cpu", precision=precision)
    return load(choice, Reconstructor)


def test_both_phase_encode_axes_are_answered_on_the_scan_s_own_grid(folder) -> None:
    write_reconstruction_model(folder)
    for axis in ("Y", "X"):
        one = disc_slice(16, axis=axis)
        image, std = loaded().reconstruct(one, trust=1.0)
        assert image.shape == std.shape == (12, 48, 40)
        assert image.dtype == np.complex64
        assert error(one.encoding.forward(image), one.lines) < 1e-4


def test_several_coils_are_combined(folder) -> None:
    write_reconstruction_model(folder)
    one = coils_slice()
    image, _ = loaded().reconstruct(one, trust=0.0)
    consistent, _ = loaded().reconstruct(one, trust=1.0)
    assert image.shape == (12, 48, 40)
    fit = [error(one.encoding.forward(found), one.lines) for found in (image, consistent)]
    assert fit[1] < fit[0]


def test_the_card_s_factors_calibrate_the_deviation(folder) -> None:
    write_reconstruction_model(folder)
    one = disc_slice(12)  # of 48 lines: fourfold
    plain = loaded().reconstruct(one)[1]
    write_reconstruction_model(folder, std_factors=((2.0, 1.0), (4.0, 3.0), (8.0, 9.0)))
    np.testing.assert_allclose(loaded().reconstruct(one)[1], 3 * plain, rtol=1e-5)
    rarer = disc_slice(6)  # eightfold, and beyond it the last
    np.testing.assert_allclose(loaded()._correction(rarer.mask), 9.0)
    np.testing.assert_allclose(loaded()._correction(disc_slice(3).mask), 9.0)


def test_the_columns_of_the_heart_come_alone(folder) -> None:
    write_reconstruction_model(folder)
    for axis in ("Y", "X"):
        one = disc_slice(16, axis=axis)
        method, heart = find_method("unrolled-net", "cpu"), slice(10, 26)
        kept = (..., heart) if axis == "Y" else (slice(None), heart)
        whole, some = method.run(one), method.run(one, columns=heart)
        assert some.std.shape == some.image.shape == whole.image[kept].shape
        assert error(some.image, whole.image[kept]) < 0.1
        inside = one.columns(heart)
        fit = method.run(one, {"trust": 1.0}, columns=heart).image
        assert error(inside.encoding.forward(fit), inside.lines) < 1e-3  # own lines are kept


def test_half_precision_is_close(folder) -> None:
    write_reconstruction_model(folder)
    one = disc_slice(12)
    assert error(loaded("auto").reconstruct(one)[0], loaded().reconstruct(one)[0]) < 0.02


def test_a_segmenter_is_no_reconstructor(folder) -> None:
    with pytest.raises(ScanError, match="does not reconstruct images"):
        load(ModelChoice(name="pooled-net", device="cpu"), Reconstructor)


def test_motion_can_be_looked_at_on_the_scan_s_own_grid(folder) -> None:
    write_reconstruction_model(folder, "dc-mac")
    network = load(ModelChoice(name="dc-mac", device="cpu", precision="float32"), Reconstructor)
    motion = network.motion(disc_slice(16))
    assert motion.shape == (2, 12, 48, 40)
    assert motion[:, 1:].any()
    along_x = disc_slice(16, axis="X")
    found = network.motion(along_x)
    assert found.shape == (2, 12, 48, 40)
    lines = torch.from_numpy(along_x.spectrum())[0], torch.from_numpy(along_x.mask.copy())
    rows, columns = network.network.motion(*lines).unbind(1)  # of the transposed image
    np.testing.assert_allclose(found[0], columns.mT, atol=1e-5)
    np.testing.assert_allclose(found[1], rows.mT, atol=1e-5)


def test_a_network_without_motion_says_so(folder) -> None:
    write_reconstruction_model(folder)
    with pytest.raises(ScanError, match="unrolled-net reads no motion"):
        loaded().motion(disc_slice(16))
