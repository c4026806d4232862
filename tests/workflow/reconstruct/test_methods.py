import subprocess
import sys

import numpy as np
import pytest
from helpers.beating_discs import disc_scan, disc_slice, error
from helpers.reconstruction_models import write_reconstruction_model

from napari_cmr.kspace import Acquisition, MeasuredSlice, undersample
from napari_cmr.scan import ScanError, Stopped
from napari_cmr.solvers import solvers
from napari_cmr.workflow.reconstruct.methods import DEFAULT_METHOD, find_method, methods
from napari_cmr.workflow.reconstruct.solving import reconstruct
from napari_cmr.zoo.folders import MODELS_VARIABLE


@pytest.fixture
def network(tmp_path, monkeypatch):
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    return write_reconstruction_model(tmp_path)


def test_networks_come_after_the_default_and_other_solvers_after_them(network) -> None:
    names = list(methods())
    assert names[:2] == [DEFAULT_METHOD, "unrolled-net"]
    assert set(solvers()) < set(names)
    described = find_method("unrolled-net").to_dict()
    assert described["trained"]
    assert described["title"] == "Unrolled network"
    assert not find_method("view-sharing").to_dict()["trained"]


def test_a_network_reconstructs_a_stack_with_a_deviation_and_its_weights(network) -> None:
    measured = undersample(disc_scan(), Acquisition(n_lines=12))
    shares: list[float] = []
    found = reconstruct(measured, "unrolled-net", device="cpu", progress=shares.append)
    assert found.image.shape == (12, 2, 48, 40)
    assert found.std.shape == found.image.shape
    assert (found.std > 0).all()
    assert list(found.weights) == ["unrolled-net"]
    assert len(found.weights["unrolled-net"]) == 64
    assert found.settings == {"trust": None}
    assert shares[-1] == 1.0
    assert reconstruct(measured, "view-sharing").std is None


def test_the_unit_of_the_lines_does_not_matter(network) -> None:
    one, method = disc_slice(12), find_method("unrolled-net", "cpu")
    brighter = MeasuredSlice(one.z, one.lines * np.float32(500), one.encoding)
    answer, scaled = method.run(one), method.run(brighter)
    assert error(scaled.image, 500 * answer.image) < 1e-2  # in half precision
    assert error(scaled.std, 500 * answer.std) < 1e-2
    assert scaled.image.dtype == np.complex64
    assert scaled.std.dtype == np.float32


def test_a_network_can_be_stopped(network) -> None:
    with pytest.raises(Stopped):
        find_method("unrolled-net", "cpu").run(disc_slice(12), stop=lambda: True)
    asked = iter([False, False, True])
    with pytest.raises(Stopped):  # between two of its layers
        find_method("unrolled-net", "cpu").run(disc_slice(12), stop=lambda: next(asked))


def test_bad_wishes_are_told(network) -> None:
    with pytest.raises(ScanError, match="choose one of view-sharing, unrolled-net"):
        find_method("grappa")
    with pytest.raises(ScanError, match="trust"):
        find_method("unrolled-net").run(disc_slice(12), {"trust": 2})
    with pytest.raises(ScanError, match="needs a cine"):
        find_method("unrolled-net").run(disc_slice(12, n_frames=1))


def test_listing_methods_costs_no_torch() -> None:
    code = (
        "import sys; from napari_cmr.workflow.reconstruct.methods import methods; methods(); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
