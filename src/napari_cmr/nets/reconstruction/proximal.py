"""Images nearest to others that also fit measured lines, with gradients through the solution."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from napari_cmr.kspace.encoding import conjugate_gradients
from napari_cmr.nets.reconstruction.consistency import Lines

#: Trust in the lines of several coils, at most: of all of it no nearest image is known in one step.
MOST_TRUST = 0.999


def nearest_image(
    lines: Lines,
    image: Tensor,
    trust: float | Tensor,
    *,
    iterations: int = 10,
    tolerance: float = 1e-6,
) -> Tensor:
    """Image nearest to another that also fits the lines, as MoDL and Sigma-net have it.

    The minimum of ``v |A x - y|^2 + |x - z|^2`` with ``v = trust / (1 - trust)``, that is
    ``(v A^H A + 1) x = v A^H y + z``: the closed form for a single coil, conjugate gradients for
    several. Gradients are those of the exact solution (Aggarwal et al., IEEE TMI 38, 2019).

    Parameters
    ----------
    lines : Lines
    image : complex Tensor, shape (T, N, X)
    trust : float or 0-d Tensor
        In [0, 1]; of several coils :data:`MOST_TRUST` at most.
    iterations : int
        Of conjugate gradients, at most.
    tolerance : float
        Relative residual at which they end.

    Returns
    -------
    complex Tensor, shape (T, N, X)
    """
    if lines.maps is None:
        return lines.consistent(image, trust)
    share = torch.as_tensor(trust, dtype=image.real.dtype, device=image.device)
    share = share.clamp(max=MOST_TRUST)
    weight = share / (1 - share)
    right = weight * lines.zero_filled() + image
    solved: Tensor = _Solution.apply(
        right, weight, lines, {"iterations": iterations, "tolerance": tolerance}
    )
    return solved


class _Solution(torch.autograd.Function):
    """Solves ``(v A^H A + 1) x = right``, whose operator is its own adjoint."""

    @staticmethod
    def forward(
        ctx: Any, right: Tensor, weight: Tensor, lines: Lines, effort: dict[str, Any]
    ) -> Tensor:
        def solve(b: Tensor) -> Tensor:
            found: Tensor = conjugate_gradients(
                lambda x: weight * lines.normal(x) + x, b, torch.zeros_like(b), **effort
            )
            return found

        solution = solve(right)
        ctx.solve, ctx.lines = solve, lines
        ctx.save_for_backward(solution)
        return solution

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, error: Tensor) -> tuple[Tensor | None, ...]:
        (solution,) = ctx.saved_tensors
        onto_right = ctx.solve(error)
        # dx = -Q A^H A x dv, with Q the inverse of the operator
        onto_weight = -(onto_right.conj() * ctx.lines.normal(solution)).sum().real
        return onto_right, onto_weight, None, None
