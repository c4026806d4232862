"""The FCN looks at each frame alone, a few at a time if it must."""

import torch

from napari_cmr.nets.segmentation.fcn import FCN


def network() -> FCN:
    torch.manual_seed(0)
    return FCN(features=(2, 2, 2, 2, 2), reduced=2, head=4).eval()


def test_frames_do_not_mix_and_may_be_chosen_or_taken_in_pieces() -> None:
    made, frames = network(), torch.rand(5, 1, 32, 32)
    whole = made(frames, 5)
    assert whole.shape == (5, 4, 32, 32)
    torch.testing.assert_close(made(frames[2:3]), whole[2:3], atol=1e-5, rtol=1e-4)
    wanted = torch.tensor([3, 1])
    torch.testing.assert_close(made(frames, 5, wanted=wanted), whole[wanted], atol=1e-5, rtol=1e-4)
    made.chunk = 2
    pieces = []
    made.blocks[0].register_forward_hook(lambda _, given, __: pieces.append(len(given[0])))
    torch.testing.assert_close(made(frames, 5), whole, atol=1e-5, rtol=1e-4)
    assert pieces == [2, 2, 1]


def test_every_scale_reaches_the_answer() -> None:
    made = network()
    made(torch.rand(1, 1, 32, 32)).square().sum().backward()
    assert all(reduce.weight.grad.abs().sum() > 0 for reduce in made.reduce)
