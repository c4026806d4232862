from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from napari_cmr.nets.adversarial.perceptual import (
    SegmenterFeatures,
    SqueezeNetFeatures,
    Vgg19Features,
)
from napari_cmr.nets.segmentation.fcn import FCN

SQUEEZENET = (
    Path(__file__).parents[4] / "shared" / "data" / "squeezenet" / "squeezenet_v1.0_decoded.npz"
)


@pytest.fixture(params=["squeezenet", "fcn"])
def network(request):
    torch.manual_seed(0)
    if request.param == "squeezenet":
        return SqueezeNetFeatures().frozen()
    return SegmenterFeatures(FCN(features=(4, 4, 8, 8, 8))).frozen()


def test_a_distance_is_nothing_between_equals_and_grows_with_blur(network) -> None:
    torch.manual_seed(0)
    real = torch.rand(2, 1, 64, 64)
    blurred = [F.avg_pool2d(real, side, 1, side // 2) for side in (3, 7)]
    assert float(network.distance(real, real)) == 0
    near, far = (float(network.distance(real, one)) for one in blurred)
    assert 0 < near < far


def test_gradients_reach_the_made_image_and_no_weight(network) -> None:
    real, made = (torch.rand(1, 1, 48, 48, requires_grad=True) for _ in range(2))
    network.distance(real, made).backward()
    assert made.grad is not None
    assert float(made.grad.abs().mean()) > 0
    assert real.grad is None
    assert all(one.grad is None for one in network.parameters())


def test_vgg_is_read_at_the_last_convolution_of_its_fifth_block() -> None:
    with torch.device("meta"):
        network = Vgg19Features()
        (features,) = network.layers(torch.empty(1, 1, 64, 64))
    assert list(network.state_dict())[-1] == "features.34.bias"
    assert features.shape == (1, 512, 4, 4)


@pytest.mark.skipif(not SQUEEZENET.exists(), reason="the weights of SqueezeNet are not here")
def test_published_weights_give_features_that_few_pixels_of_noise_hardly_change() -> None:
    with np.load(SQUEEZENET) as file:
        network = SqueezeNetFeatures.of({name: torch.from_numpy(file[name]) for name in file.files})
    rows, columns = np.mgrid[:96, :96]
    disc = torch.from_numpy((np.hypot(rows - 48, columns - 48) < 30).astype(np.float32))[None, None]
    moved = torch.roll(disc, 6, dims=3)
    features = network.frozen().layers(disc)
    assert [one.shape[1] for one in features] == [128, 256, 384]
    assert all(float((one > 0).float().mean()) < 0.9 for one in features)  # rectified, and sparse
    quiet = float(network.distance(disc, disc + 0.01 * torch.randn_like(disc)))
    assert quiet < float(network.distance(disc, moved))
