import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from napari_cmr.nets.adversarial.perceptual import (
    SegmenterFeatures,
    SqueezeNetFeatures,
    Vgg19Features,
)
from napari_cmr.nets.segmentation.fcn import FCN
from napari_cmr.scan import ScanError
from napari_cmr.training.perceptual_files import read_feature_network


def squeezenet() -> dict[str, np.ndarray]:
    state = SqueezeNetFeatures().state_dict()
    named = {name.removeprefix("fires.").replace(".", "/"): one for name, one in state.items()}
    return {name: one.half().numpy() for name, one in named.items()}


def test_which_network_a_file_holds_its_tensors_say(tmp_path) -> None:
    np.savez(tmp_path / "squeeze.npz", **squeezenet())
    network = read_feature_network(tmp_path / "squeeze.npz")
    assert isinstance(network, SqueezeNetFeatures)
    assert not any(one.requires_grad for one in network.parameters())
    save_file(FCN(features=(4, 4, 4, 4, 4)).state_dict(), tmp_path / "fcn.safetensors")
    assert isinstance(read_feature_network(tmp_path / "fcn.safetensors"), SegmenterFeatures)


def test_vgg_is_read_from_the_file_that_torchvision_downloads(tmp_path) -> None:
    state = {name: one.half() for name, one in Vgg19Features().state_dict().items()}
    torch.save(state | {"classifier.0.weight": torch.zeros(2, 2)}, tmp_path / "vgg19.pth")
    network = read_feature_network(tmp_path / "vgg19.pth")
    assert isinstance(network, Vgg19Features)
    assert torch.equal(network.features[34].bias, state["features.34.bias"].float())


def test_files_of_other_networks_and_damaged_ones_are_refused(tmp_path) -> None:
    other = tmp_path / "other.safetensors"
    save_file({"encoder.weight": torch.zeros(3)}, other)
    with pytest.raises(ScanError, match="no network whose features are known"):
        read_feature_network(other)
    tensors = squeezenet()
    tensors["fire4/e3/weight"] = tensors["fire4/e3/weight"][:5]
    np.savez(tmp_path / "cut.npz", **tensors)
    with pytest.raises(ScanError, match="is not the SqueezeNet"):
        read_feature_network(tmp_path / "cut.npz")
    del tensors["fire4/e3/weight"]
    np.savez(tmp_path / "less.npz", **tensors)
    with pytest.raises(ScanError, match="is not the SqueezeNet"):
        read_feature_network(tmp_path / "less.npz")
    tensors = squeezenet()
    tensors["conv1/bias"][0] = np.nan
    np.savez(tmp_path / "nan.npz", **tensors)
    with pytest.raises(ScanError, match="NaN"):
        read_feature_network(tmp_path / "nan.npz")


@pytest.mark.parametrize("name", ["a.npz", "a.safetensors", "a.pth"])
def test_what_is_no_file_of_weights_is_an_error_in_one_line(name, tmp_path) -> None:
    with pytest.raises(ScanError, match="cannot be read"):
        read_feature_network(tmp_path / name)
    (tmp_path / name).write_bytes(b"these are no weights")
    with pytest.raises(ScanError, match="cannot be read"):
        read_feature_network(tmp_path / name)


def test_a_pickle_that_runs_code_is_not_run(tmp_path) -> None:
    class Harmful:
        def __reduce__(self):
            return (open, (str(tmp_path / "touched"), "w"))

    torch.save({"features.34.weight": Harmful()}, tmp_path / "evil.pth")
    with pytest.raises(ScanError, match="cannot be read"):
        read_feature_network(tmp_path / "evil.pth")
    assert not (tmp_path / "touched").exists()
