import pytest
import torch

from napari_cmr.nets.style.discriminator import MultiScaleDiscriminator, judged
from napari_cmr.nets.style.munit import SOURCE, TARGET, Munit, clip_to_unit


def network() -> Munit:
    torch.manual_seed(0)
    return Munit(features=4, n_blocks=1, hidden=16, kernel=3)


def test_shapes() -> None:
    one = network()
    images = torch.rand(2, 1, 32, 48) * 2 - 1
    codes = one.encode(SOURCE, images)
    assert codes.content.shape == (2, 16, 8, 12)
    assert codes.style.shape == (2, 8)
    made = one(images, torch.randn(2, 8))
    assert made.shape == images.shape
    assert float(made.detach().abs().max()) <= 1
    assert one.anatomy(codes.content).shape == (2, 4, 32, 48)


def test_style_changes_the_picture_and_not_the_content() -> None:
    one = network().eval()
    images = torch.rand(1, 1, 32, 32) * 2 - 1
    with torch.no_grad():
        first, second = (one(images, torch.randn(1, 8)) for _ in range(2))
        assert not torch.allclose(first, second, atol=1e-3)


def test_content_does_not_see_brightness_and_contrast_while_style_does() -> None:
    one = network().eval()
    images = torch.rand(1, 1, 64, 64) - 0.5
    darker = 0.5 * images - 0.4
    # reflection keeps the first convolution blind to an offset, but for its rim
    with torch.no_grad():
        first, second = (
            torch.nn.functional.instance_norm(one.contents[SOURCE].convolutions[0](x))
            for x in (images, darker)
        )
        assert torch.allclose(first, second, atol=1e-3)
        assert not torch.allclose(one.styles[SOURCE](images), one.styles[SOURCE](darker), atol=1e-3)


def test_judges_of_every_scale_learn_from_images() -> None:
    torch.manual_seed(0)
    judge = MultiScaleDiscriminator(features=4, depth=2, scales=3)
    scores = judge(torch.randn(2, 1, 64, 64))
    assert [tuple(score.shape) for score in scores] == [
        (2, 1, 16, 16),
        (2, 1, 8, 8),
        (2, 1, 4, 4),
    ]
    judged(scores, 1.0).backward()
    assert all(parameter.grad is not None for parameter in judge.parameters())
    assert float(judged([torch.ones(1, 1, 2, 2)] * 3, 1.0)) == 0
    assert float(judged([torch.zeros(1, 1, 2, 2)] * 3, 1.0)) == 3


def test_a_translation_starts_as_what_it_is_given() -> None:
    torch.manual_seed(0)
    one = Munit(features=4, n_blocks=1, hidden=16, kernel=3, shared_content=True).eval()
    images, style = torch.rand(1, 1, 32, 32) * 2 - 1, torch.randn(1, 8)
    with torch.no_grad():
        content = one.content(SOURCE, images)
        assert torch.equal(content, one.content(TARGET, images))
        assert torch.equal(one.decode(SOURCE, content, style), one.decode(TARGET, content, style))
    assert len({id(value) for value in one.state_dict().values()}) == len(one.state_dict())


def test_percentiles_go_to_the_ends_and_padding_does_not_count() -> None:
    image = torch.arange(1.0, 10001).reshape(1, 100, 100)
    image[0, :40] = 0
    clipped = clip_to_unit(image)[0]
    inside = clipped[40:]
    assert float(inside.min()) == -1
    assert float(inside.max()) == 1
    assert float(inside.median()) == pytest.approx(0, abs=0.02)
    assert float((inside == -1).float().mean()) == pytest.approx(0.01, abs=0.003)
