import subprocess
import sys

import numpy as np
import pytest
import torch
from helpers.beating_discs import coils_slice, disc_image, disc_slice
from helpers.network_lines import given

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.nets.reconstruction.consistency import Lines


def lines_of(one: MeasuredSlice) -> Lines:
    return Lines(*given(one))


def some_image(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    pair = rng.standard_normal((2, *disc_image().shape)).astype(np.float32)
    return np.asarray(pair[0] + 1j * pair[1], dtype=np.complex64)


@pytest.mark.parametrize("trust", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("slice_of", [disc_slice, coils_slice])
def test_it_is_the_data_consistency_of_the_encoding_operator(slice_of, trust) -> None:
    one, image = slice_of(), some_image()
    wanted = one.encoding.dc(image, one.lines, trust)
    found = lines_of(one).consistent(torch.from_numpy(image), trust)
    np.testing.assert_allclose(found.numpy(), wanted, atol=2e-5)


def test_lines_of_the_true_image_change_nothing() -> None:
    image = torch.from_numpy(disc_image())
    assert torch.allclose(lines_of(disc_slice()).consistent(image), image, atol=1e-5)


def test_pooling_all_frames_is_the_temporal_average() -> None:
    for one in (disc_slice(), coils_slice()):
        lines = lines_of(one)
        pooled = lines.pooled(1.0)
        assert torch.allclose(pooled, lines.average.expand_as(pooled), atol=1e-5)
        np.testing.assert_allclose(lines.average.numpy(), one.temporal_average, atol=1e-5)


@pytest.mark.parametrize("slice_of", [disc_slice, coils_slice])
def test_physics_keeps_its_precision_where_networks_have_less(slice_of) -> None:
    lines = Lines(*given(slice_of()))

    def answers() -> list[torch.Tensor]:
        image = lines.pooled(1 / 8)
        return [image, lines.nearest(), lines.average, lines.consistent(image, 0.5)]

    wanted = answers()
    fresh = Lines(lines.hybrid, lines.mask, lines.maps)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        lines = fresh
        found = answers()
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == torch.complex64
        torch.testing.assert_close(one, other)


def test_standardised_lines_have_the_unit_of_their_average_and_nearly_real_images() -> None:
    lines, scale, phasor = lines_of(disc_slice(None)).standardised()
    average = np.abs(disc_slice(None).temporal_average)
    assert float(scale) == pytest.approx(np.percentile(average, 99), rel=0.02)
    image = lines.average * phasor.conj()
    assert float(image.imag.abs().max()) < 0.05
    assert torch.allclose(lines.hybrid * scale, lines_of(disc_slice(None)).hybrid, atol=1e-5)


def test_the_phase_is_not_that_of_noise() -> None:
    one = disc_slice(None)
    generator = torch.Generator().manual_seed(3)
    lines = lines_of(one)
    shape = lines.hybrid.shape
    noise = torch.randn(shape, dtype=torch.complex64, generator=generator)
    noisy = Lines(lines.hybrid + 0.1 * noise, lines.mask)
    (*_, clean), (*_, phasor) = lines.standardised(), noisy.standardised()
    own = noisy.average / noisy.average.abs()
    body = lines.average.abs() > 0.3
    apart, own_apart = ((one - clean)[body].abs().mean() for one in (phasor, own))
    assert apart < 0.5 * own_apart


ON_ANOTHER_DEVICE = """
import torch
from napari_cmr.nets.reconstruction.consistency import Lines

hybrid = torch.ones(6, 16, 16, dtype=torch.complex64, device="meta")
mask = torch.ones(6, 16, dtype=torch.bool, device="meta")
lines, scale, phasor = Lines(hybrid, mask).standardised()
images = [lines.nearest(), lines.pooled(0.2), lines.zero_filled()]
print({one.device.type for one in [scale, phasor, *images, *map(lines.consistent, images)]})
"""


def test_everything_is_where_the_lines_are() -> None:
    """In a process of its own: torch's device that computes nothing loads a compiler."""
    done = subprocess.run(
        [sys.executable, "-c", ON_ANOTHER_DEVICE], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "{'meta'}", done.stderr
