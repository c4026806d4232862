import pytest
import torch
from helpers.beating_discs import coils_slice, disc_image, disc_slice, error
from helpers.network_lines import given

from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.dc_cnn_3d import (
    DcCnn3d,
    lines_of_windows,
    means_of_windows,
)


def test_the_published_size_has_the_published_number_of_parameters() -> None:
    assert round(sum(one.numel() for one in DcCnn3d().parameters()) / 1e6, 2) == 3.56


@torch.no_grad()
@pytest.mark.parametrize("slice_of", [disc_slice, coils_slice])
def test_windows_share_the_lines_that_their_frames_took(slice_of) -> None:
    lines = Lines(*given(slice_of()))
    windows = lines_of_windows(lines)
    assert len(windows) == 5
    torch.testing.assert_close(windows[0], lines.zero_filled())
    for reach, window in enumerate(windows[1:], start=1):
        torch.testing.assert_close(window, lines.pooled(reach / 12), atol=1e-5, rtol=1e-4)


def test_later_windows_are_means_of_frames_around_the_cycle() -> None:
    frames = torch.from_numpy(disc_image())
    windows = means_of_windows(frames)
    assert torch.equal(windows[0], frames)
    wanted = frames[[10, 11, 0, 1, 2]].mean(0)
    torch.testing.assert_close(windows[2][0], wanted)


@torch.no_grad()
def test_the_cycle_is_closed() -> None:
    torch.manual_seed(0)
    network = DcCnn3d(2, 3, 4)
    hybrid, mask = given(disc_slice())
    image, _ = network(hybrid, mask)
    rolled, _ = network(hybrid.roll(5, 0), mask.roll(5, 0))
    assert error(rolled.roll(-5, 0).numpy(), image.numpy()) < 1e-5
    changed = hybrid.clone()
    changed[0] *= 1.5
    assert error(network(changed, mask)[0][6].numpy(), image[6].numpy()) > 1e-4
