"""Training of the translation network: two optimisers, by hand."""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from napari_cmr.nets.style.discriminator import MultiScaleDiscriminator, judged
from napari_cmr.nets.style.munit import SOURCE, TARGET, Codes
from napari_cmr.training.recipe import TrainingSettings
from napari_cmr.training.register import Model
from napari_cmr.training.tasks.task import NetworkTask

#: Made images that are kept for the judges.
EARLIER = 64


class _Way(NamedTuple):
    """From the codes of images of one contrast to the other, and who judges what comes out."""

    start: int
    codes: Codes
    images: Tensor
    end: int
    judge: MultiScaleDiscriminator


class TranslationTask(NetworkTask):
    """Networks and judges of both contrasts under a ``TranslationRecipe``."""

    steps_a_batch = 2  # the network's and its judges'
    gradient_clip = None  # Lightning clips for no one who optimises by hand

    network: Any

    def __init__(self, model: Model, recipe: TrainingSettings) -> None:
        super().__init__(model, recipe)
        self.automatic_optimization = False
        self._earlier: tuple[list[Tensor], list[Tensor]] = ([], [])
        self.judge_source = MultiScaleDiscriminator(**self.recipe.discriminator)
        self.judge_target = MultiScaleDiscriminator(**self.recipe.discriminator)
        self.to(memory_format=torch.channels_last)

    def training_step(self, batch: tuple[Tensor, ...], _: int) -> None:
        """One step of the network, then one of its judges, on the same images."""
        layout = torch.channels_last
        source, labels, target = batch
        source, target = (
            source.contiguous(memory_format=layout),
            target.contiguous(memory_format=layout),
        )
        optimisers: Any = self.optimizers()
        of_network, of_judges = optimisers
        judges = (self.judge_source, self.judge_target)

        for judge in judges:
            judge.requires_grad_(False)
        shown = self.recipe.batch
        losses, made = self._network_losses(source[:shown], labels[:shown], target[:shown])
        weights = self.recipe.model_dump()
        total = torch.stack(
            [weights[name] * loss for name, loss in losses.items() if weights[name]]
        ).sum()
        of_network.zero_grad()
        self.manual_backward(total)
        of_network.step()

        for judge in judges:
            judge.requires_grad_(True)
        doubt = torch.zeros((), device=source.device)
        for judge, real, fake, earlier in zip(
            judges, (source, target), made, self._earlier, strict=True
        ):
            if fake is None:
                continue
            fakes = self._among_earlier(fake.detach().to(real.dtype), earlier)
            scores = judge(torch.cat([real[: len(fakes)], fakes]))
            of_real, of_made = zip(*(score.chunk(2) for score in scores), strict=True)
            doubt = doubt + judged(of_real, 1.0) + judged(of_made, 0.0)
        of_judges.zero_grad()
        self.manual_backward(doubt)
        of_judges.step()

        schedules: Any = self.lr_schedulers()
        for schedule in schedules:
            schedule.step()
        self.log_dict({name: loss.detach() for name, loss in losses.items()})
        self.log_dict({"loss": total.detach(), "judges": doubt.detach()}, prog_bar=True)

    def _among_earlier(self, made: Tensor, earlier: list[Tensor]) -> Tensor:
        """Images that were just made with some of earlier steps, as many as are judged."""
        more = min(self.recipe.judged - len(made), len(earlier))
        chosen = [made]
        if more > 0:
            places = torch.randperm(len(earlier))[:more].tolist()
            chosen.append(torch.stack([earlier[place] for place in places]))
        if self.recipe.judged > len(made):
            earlier.extend(made)
            del earlier[:-EARLIER]
        return torch.cat(chosen).contiguous(memory_format=torch.channels_last)

    def _network_losses(
        self, source: Tensor, labels: Tensor, target: Tensor
    ) -> tuple[dict[str, Tensor], list[Tensor | None]]:
        """Every loss by the name of its weight, and the images made of each contrast."""
        recipe = self.recipe
        of_source, of_target = (
            self.network.encode(domain, images)
            for domain, images in ((SOURCE, source), (TARGET, target))
        )
        ways = [_Way(SOURCE, of_source, source, TARGET, self.judge_target)]
        if recipe.both_ways:
            ways.append(_Way(TARGET, of_target, target, SOURCE, self.judge_source))
        losses = {
            "image": _l1(self.network.decode(SOURCE, *of_source), source)
            + _l1(self.network.decode(TARGET, *of_target), target)
        }
        if recipe.kl:
            losses["kl"] = _kl(of_source.style) + _kl(of_target.style)
        made: list[Tensor | None] = [None, None]
        for way in ways:
            image, again, own = self._go(way)
            made[way.end] = image
            for name, loss in own.items():
                losses[name] = losses[name] + loss if name in losses else loss
            if way.start == SOURCE and recipe.anatomy:
                contents = torch.cat([of_source.content, again.content])
                losses["anatomy"] = F.cross_entropy(
                    self.network.anatomy(contents).float(), torch.cat([labels, labels])
                )
        return losses, made

    def _go(self, way: "_Way") -> tuple[Tensor, Codes, dict[str, Tensor]]:
        """Images in the other contrast in styles that are drawn, their codes, and losses."""
        drawn = torch.randn_like(way.codes.style, dtype=torch.float32)
        made = self.network.decode(way.end, way.codes.content, drawn)
        again = self.network.encode(way.end, made)
        losses = {
            "content": _l1(again.content, way.codes.content),
            "style": _l1(again.style, drawn),
            "adversarial": judged(way.judge(made), 1.0),
        }
        if self.recipe.cycle:
            back = self.network.decode(way.start, again.content, way.codes.style)
            losses["cycle"] = _l1(back, way.images)
        return made, again, losses

    def configure_optimizers(self) -> Any:
        """Adam for the network and for the judges, with the recipe's schedule."""
        recipe = self.recipe
        groups = (
            list(self.network.parameters()),
            [*self.judge_source.parameters(), *self.judge_target.parameters()],
        )
        optimisers = [
            torch.optim.Adam(group, lr=rate * recipe.learning_rate, betas=(0.5, 0.999))
            for group, rate in zip(groups, (1.0, recipe.judges_rate), strict=True)
        ]

        def factor(step: int) -> float:
            if recipe.schedule == "halving":
                return float(0.5 ** (step // 100_000))
            return float(min(1.0, 3 * (1 - step / recipe.steps)))

        schedules = [torch.optim.lr_scheduler.LambdaLR(one, factor) for one in optimisers]
        return optimisers, schedules


def _l1(a: Tensor, b: Tensor) -> Tensor:
    return F.l1_loss(a.float(), b.float())


def _kl(styles: Tensor) -> Tensor:
    """Divergence of N(style, I) from N(0, I), for each number of the style."""
    return 0.5 * styles.float().square().mean()
