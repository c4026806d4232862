import pytest
import torch
from helpers.beating_discs import disc_slice, error
from helpers.network_lines import given

from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.dagan import Dagan
from napari_cmr.scan import ScanError


def small(**options) -> Dagan:
    torch.manual_seed(0)
    return Dagan((4, 8), norm="none", side=None, **options).eval()


@torch.no_grad()
def test_images_of_any_size_keep_the_phase_of_the_zero_filled_ones() -> None:
    hybrid, mask = given(disc_slice())
    hybrid = hybrid[..., :37]
    image, std = small()(hybrid, mask)
    zero_filled = Lines(hybrid, mask).zero_filled()
    assert image.shape == (*mask.shape, 37)
    assert std is None
    apart = (image * zero_filled.conj()).imag.abs()
    assert float(apart.max()) < 1e-5 * float((image.abs() * zero_filled.abs()).max())


@torch.no_grad()
def test_grey_values_lie_between_black_and_white() -> None:
    network = small()
    for bias, extreme in ((9.0, torch.max), (-9.0, torch.min)):
        torch.nn.init.constant_(network.head.bias, bias)
        magnitude = network(*given(disc_slice()), unit=0.4)[0].abs()
        wanted = 0.5 if bias > 0 else 0.0  # white is 1.25 peaks
        assert float(extreme(magnitude)) == pytest.approx(wanted, abs=1e-5)
        assert float(magnitude.max()) <= 0.5 + 1e-5


@torch.no_grad()
def test_measured_lines_are_put_back_where_that_is_asked_for() -> None:
    one = disc_slice()
    apart = [
        error(one.encoding.forward(small(consistent=c)(*given(one))[0].numpy()), one.lines)
        for c in (True, False)
    ]
    assert apart[0] < 1e-5
    assert apart[1] > 1e-2


@torch.no_grad()
def test_the_published_network_takes_images_of_its_side_down_to_one_pixel() -> None:
    with torch.device("meta"):
        network = Dagan().eval()
        coarsest = network.down[-1](torch.empty(1, 512, 2, 2))
    assert coarsest.shape == (1, 512, 1, 1)
    with pytest.raises(ScanError, match="takes 256 x 256"):
        Dagan((4,), side=256)(*given(disc_slice()))
