"""The field against sums over all pairs of pixels, and against the authors' program where it is."""

import numpy as np
import pytest
import torch

from napari_cmr.nets.segmentation.dense_crf import BilateralGrid, CRFSettings, gaussian_blur, refine

H, W = 36, 30


@pytest.fixture
def image() -> torch.Tensor:
    torch.manual_seed(0)
    coarse = torch.rand(1, 1, 7, 6)
    return torch.nn.functional.interpolate(coarse, size=(H, W), mode="bilinear")[0, 0]


def exact(values: torch.Tensor, image: torch.Tensor, place_sd: float, sd: float | None):
    """The kernel by its definition, pixel by pixel."""
    rows, columns = torch.meshgrid(torch.arange(H), torch.arange(W), indexing="ij")
    place = torch.stack([rows, columns], -1).reshape(-1, 2).double()
    distance = (place[:, None] - place).square().sum(-1) / (2 * place_sd**2)
    if sd is not None:
        brightness = image.flatten().double()
        distance = distance + (brightness[:, None] - brightness).square() / (2 * sd**2)
    return (values.flatten(1).double() @ torch.exp(-distance)).unflatten(1, (H, W))


def test_smoothing_is_the_sum_over_all_pixels(image) -> None:
    values = torch.rand(3, H, W)
    assert torch.allclose(
        gaussian_blur(values, 2.5).double(), exact(values, image, 2.5, None), rtol=1e-3
    )


@pytest.mark.parametrize(("place_sd", "sd"), [(6.0, 0.1), (15.0, 0.05), (40.0, 0.2)])
def test_the_bilateral_grid_is_near_the_sum_over_all_pixels(image, place_sd, sd) -> None:
    values = torch.rand(3, H, W)
    found = BilateralGrid(image, place_sd, sd).filter(values).double()
    truth = exact(values, image, place_sd, sd)
    error = (found - truth).abs() / truth
    assert error.mean() < 0.02
    assert error.max() < 0.1


def test_labels_are_those_of_the_exact_field(image) -> None:
    settings = CRFSettings(smooth_sd=2.0, bilateral_sd=8.0, brightness_sd=0.1)
    torch.manual_seed(1)
    probabilities = (3 * torch.randn(4, H, W)).softmax(0)
    found = refine(probabilities, image, settings)

    log = probabilities.double().log()
    one = torch.ones(1, H, W)
    kernels = [(settings.smooth_weight, 2.0, None), (settings.bilateral_weight, 8.0, 0.1)]
    scales = [exact(one, image, sd, b).rsqrt() for _, sd, b in kernels]
    q = log.softmax(0)
    for _ in range(settings.iterations):
        message = log
        for (weight, sd, b), scale in zip(kernels, scales, strict=True):
            message = message + weight * scale * exact(q * scale, image, sd, b)
        q = message.softmax(0)
    assert (found.argmax(0) == q.argmax(0)).double().mean() > 0.995
    assert torch.allclose(found.sum(0), torch.ones(H, W), atol=1e-5)


def test_a_doubtful_border_moves_to_the_edge_of_the_image() -> None:
    image = torch.zeros(32, 32)
    image[:, 16:] = 1.0
    sure = torch.full((32, 32), 0.95)
    right = torch.where(torch.arange(32) >= 16, sure, 1 - sure)
    right[:, 11:21] = 0.5 + 0.02 * (torch.arange(11, 21) - 13.5)  # the border is drawn at 13.5
    labels = refine(torch.stack([1 - right, right]), image).argmax(0)
    assert torch.equal(labels, image.long())


def test_without_kernels_nothing_changes(image) -> None:
    probabilities = torch.rand(3, H, W).softmax(0)
    settings = CRFSettings(smooth_weight=0.0, bilateral_weight=0.0)
    assert torch.allclose(refine(probabilities, image, settings), probabilities, atol=1e-6)


def test_shapes_that_do_not_belong_together_are_refused(image) -> None:
    with pytest.raises(ValueError, match="image"):
        refine(torch.rand(3, H, W + 1), image)


def test_the_authors_program_gives_the_same_labels() -> None:
    densecrf = pytest.importorskip("pydensecrf.densecrf", reason="pydensecrf2 is not installed")
    rng = np.random.default_rng(2)
    size = 96
    rows, columns = np.mgrid[:size, :size]
    distance = np.hypot(rows - 48, columns - 44)
    truth = (distance < 30).astype(int) + (distance < 18)
    image = np.array([0.1, 0.35, 0.8])[truth] + rng.normal(0, 0.03, truth.shape)
    image = np.clip(image, 0, 1)
    logits = 1.5 * np.eye(3)[truth].transpose(2, 0, 1) + rng.normal(0, 1, (3, size, size))
    probabilities = np.exp(logits) / np.exp(logits).sum(0)
    settings = CRFSettings(smooth_sd=3, bilateral_sd=20, brightness_sd=0.05)

    field = densecrf.DenseCRF2D(size, size, 3)
    field.setUnaryEnergy(
        np.ascontiguousarray(-np.log(probabilities).reshape(3, -1).astype(np.float32))
    )
    field.addPairwiseGaussian(sxy=settings.smooth_sd, compat=settings.smooth_weight)
    grey = np.ascontiguousarray(np.repeat((255 * image).astype(np.uint8)[..., None], 3, axis=2))
    # One brightness three times: distances grow by the square root of three.
    field.addPairwiseBilateral(
        sxy=settings.bilateral_sd,
        srgb=255 * settings.brightness_sd * 3**0.5,
        rgbim=grey,
        compat=settings.bilateral_weight,
    )
    theirs = np.array(field.inference(settings.iterations)).reshape(3, size, size).argmax(0)
    shown = torch.from_numpy(grey[..., 0].astype(np.float32) / 255)
    ours = refine(torch.from_numpy(probabilities.astype(np.float32)), shown, settings).argmax(0)
    assert (ours.numpy() == theirs).mean() >= 0.995
