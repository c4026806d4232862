import subprocess
import sys

import numpy as np
import pytest
from helpers.beating_discs import disc_scan, disc_slice, error
from helpers.reconstruction_models import write_reconstruction_model

from napari_cmr.kspace import Acquisition, MeasuredSlice, undersample
from napari_cmr.scan import Code, ScanError, Stopped
from napari_cmr.solvers import solvers
from napari_cmr.training.register import find as find_model
from napari_cmr.training.register import models
from napari_cmr.workflow.reconstruct.methods import (
    default_method,
    find_method,
    methods,
    methods_for,
)
from napari_cmr.workflow.reconstruct.solving import reconstruct
from napari_cmr.zoo import load
from napari_cmr.zoo.choice import ModelChoice
from napari_cmr.zoo.folders import MODELS_VARIABLE
from napari_cmr.zoo.tasks.reconstruction import Reconstructor


@pytest.fixture
def network(tmp_path, monkeypatch):
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    return write_reconstruction_model(tmp_path)


def test_where_none_is_named_our_own_network_is_taken_or_what_can_be(network, monkeypatch) -> None:
    assert default_method(cine=True) == ("unrolled-net", "")
    assert default_method(cine=False) == ("tv-2d", "unrolled-net does not take stills")
    for n_frames, taken in ((12, "unrolled-net"), (1, "tv-2d")):
        measured = undersample(disc_scan(n_frames), Acquisition(n_lines=12))
        assert reconstruct(measured, device="cpu").method == taken
    monkeypatch.setattr("napari_cmr.workflow.reconstruct.methods.list_models", list)
    assert default_method(cine=True) == ("view-sharing", "unrolled-net is not installed")


def test_first_choices_come_first_then_networks_then_other_solvers(
    network, tmp_path, monkeypatch
) -> None:
    write_reconstruction_model(tmp_path, "crnn")
    names = list(methods())
    assert names[:4] == ["unrolled-net", "view-sharing", "tv-2d", "crnn"]
    assert set(solvers()) < set(names)
    described = find_method("unrolled-net").to_dict()
    assert described["trained"]
    assert described["title"] == "Unrolled network"
    assert not find_method("view-sharing").to_dict()["trained"]
    monkeypatch.setattr("napari_cmr.workflow.reconstruct.methods.list_models", list)
    with pytest.raises(ScanError, match=r"no weights of modl \(train it by .* modl', or"):
        find_method("modl")


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
    with pytest.raises(ScanError, match="choose one of unrolled-net, view-sharing"):
        find_method("grappa")
    with pytest.raises(ScanError, match="trust"):
        find_method("unrolled-net").run(disc_slice(12), {"trust": 2})
    with pytest.raises(ScanError, match="needs a cine"):
        find_method("unrolled-net").run(disc_slice(12, n_frames=1))


def test_networks_are_offered_for_the_scans_they_take_and_refuse_others(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    networks = {name for name, model in models().items() if model.task == "reconstruction"}
    for name in networks:
        write_reconstruction_model(tmp_path, name)
    for_cines = {"crnn", "dc-cnn-3d", "dc-cnn-refined", "dc-mac", "kt-next", "unrolled-net"}
    for_stills = {"dagan", "recnet-joint", "recnet-lge", "recnet-refined"}
    why = {
        True: "learned from still images, this scan has 12 frames",
        False: "needs a cine, this scan has one frame",
    }
    for cine, left_out in ((True, for_stills), (False, for_cines)):
        offered = methods_for(cine=cine)
        assert networks - set(offered) == left_out
        one = disc_slice(12, n_frames=12 if cine else 1)
        for name in networks & set(offered):
            offered[name].check(one)
        for name in left_out:
            with pytest.raises(ScanError, match=f"{name} {why[cine]}"):
                find_method(name).check(one)


@pytest.mark.parametrize("name", [one.name for one in models().values() if one.gated])
def test_a_network_that_refines_has_a_gate_and_says_what_it_added(
    name, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    write_reconstruction_model(tmp_path, name)
    frames = 12 if "series" in models()[name].needs else 1
    scan = undersample(disc_scan(frames), Acquisition(n_lines=12, centre_lines=4))
    plain, half, whole = (
        reconstruct(scan, name, {"gate": gate}, device="cpu") for gate in (0, 0.5, 1)
    )
    assert whole.settings == {"trust": None, "gate": 1.0}
    assert np.abs(plain.added).max() < 1e-6
    assert error(whole.image, plain.image) > 1e-4
    added = np.abs(whole.image) - np.abs(plain.image)
    np.testing.assert_allclose(whole.added, added, atol=1e-5)
    assert error(half.image, (plain.image + whole.image) / 2) < 0.02
    assert [one.code for one in whole.notices] == [Code.DETAILS_INVENTED]
    assert whole.notices[0].text.startswith("Refined by an adversarial network")
    assert plain.notices == ()  # nothing has been refined
    assert find_method(name).to_dict()["invents"]
    with pytest.raises(ScanError, match="gate"):
        reconstruct(scan, name, {"gate": 1.5})


def test_networks_that_learned_against_a_discriminator_say_so_and_others_do_not(
    network, tmp_path
) -> None:
    for name, model in models().items():
        if model.task == "reconstruction":
            write_reconstruction_model(tmp_path, name)
            notices = find_method(name).notices()
            assert [one.code for one in notices] == [Code.DETAILS_INVENTED] * model.invents
    for solver in solvers().values():
        assert not solver.notices()


def test_a_network_of_one_side_is_loaded_and_says_which_images_it_takes(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    name = "dagan"
    architecture = dict(find_model(name).tiny.architecture) | {"side": 96}
    write_reconstruction_model(tmp_path, name, architecture=architecture)
    with pytest.raises(ScanError, match="48 x 40 for a network that takes 96 x 96"):
        find_method(name, "cpu").run(disc_slice(12, n_frames=1))


def test_a_network_that_refines_nothing_takes_no_gate(network) -> None:
    choice = ModelChoice(name="unrolled-net", device="cpu")
    with pytest.raises(ScanError, match="refines nothing"):
        load(choice, Reconstructor).refine(disc_slice())


def test_listing_methods_costs_no_torch() -> None:
    code = (
        "import sys; from napari_cmr.workflow.reconstruct.methods import methods; methods(); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_network_for_so_many_coils_says_so_before_it_is_loaded(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    architecture = find_model("sigma-net").tiny.architecture | {"coils": 4}
    write_reconstruction_model(tmp_path, "sigma-net", architecture=architecture)
    method = find_method("sigma-net", "cpu")
    assert method.to_dict()["coils"] == 4
    with pytest.raises(ScanError, match="sigma-net takes lines of 4 coils, these are of one coil"):
        method.run(disc_slice(12))
