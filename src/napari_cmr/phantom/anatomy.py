"""The beating heart as smooth surfaces: left ventricle, its wall, and the right ventricle.

Everything lives in the short-axis frame of the heart, in mm: ``x`` towards the lateral wall (right
on the screen), ``y`` towards the inferior wall (down), ``z`` along the long axis from the apex of
the cavity (0) to the base. In every plane of constant ``z`` a surface is a radius as a function of
the angle around the LV axis, ``phi = atan2(y, x)``: the lateral wall is at 0, the inferior wall at
90, the septum at 180 and the anterior wall at -90 degrees. ``zeta = z / length(t)`` is the material
coordinate: 0 at the apex, 1 at the mitral plane, negative in the apical wall.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from napari_cmr.phantom.irregularity import Irregularity
from napari_cmr.phantom.parameters import HeartParameters
from napari_cmr.phantom.time_course import filled_fraction, smooth_step
from napari_cmr.scan import ScanError

MYOCARDIAL_DENSITY_G_PER_ML = 1.05

# Angle around the ring (radians) and reach along the axis of the three coronary territories, after
# the 17-segment model (Cerqueira et al., Circulation 2002).
_TERRITORIES = {
    "LAD": (np.deg2rad(-115.0), -0.3, 0.72),
    "RCA": (np.deg2rad(115.0), 0.12, 1.0),
    "LCX": (np.deg2rad(10.0), 0.15, 0.95),
}
_WIDEST = 0.18  # the cavity is widest this far below the base, as a part of its length
_RV_APEX = 0.10
_RV_OUTFLOW_TOP = 1.14


@dataclass(frozen=True)
class Contours:
    """Radii in mm of the surfaces, shape ``(T, S, P)``: time, plane, angle.

    ``endo`` and ``epi`` are 0 in planes that miss the surface. ``rv_outer`` equals ``rv_inner``
    where there is no right ventricle. ``zeta`` is ``(T, S)``.
    """

    zeta: np.ndarray
    endo: np.ndarray
    epi: np.ndarray
    rv_inner: np.ndarray
    rv_outer: np.ndarray
    infarct: np.ndarray


class Heart:
    """The surfaces of one heart at any time of its cycle.

    Volumes follow their curves exactly: the contraction is solved for at every time so that the
    cavities hold what :func:`filled_fraction` says. The wall is incompressible by construction:
    each piece of it keeps its volume while its radius and length change, so it thickens as the
    cavity shrinks (the annulus form of Arts et al., J Biomech 1991).

    Parameters
    ----------
    parameters : HeartParameters

    Raises
    ------
    ScanError
        If the ejection fraction cannot be reached with the given infarct.
    """

    def __init__(self, parameters: HeartParameters) -> None:
        self.parameters = parameters
        rng = np.random.default_rng([parameters.shape_seed, 1])
        self._lv_bumps = Irregularity.draw(rng, amplitude=0.05, drift=1.2)
        self._rv_bumps = Irregularity.draw(rng, amplitude=0.10, drift=1.5)
        self._centre = rng.normal(0.0, 1.0, (2, 2))
        length = parameters.lv_length_mm

        self._phi = np.linspace(-np.pi, np.pi, 120, endpoint=False)
        # Cells of 0.01, so that the apex (0) and the base (1) are edges of cells.
        self._zeta = _midpoints(-0.30, _RV_OUTFLOW_TOP, 144)
        self._cell = (2 * np.pi / self._phi.size) * (self._zeta[1] - self._zeta[0])
        self._radius = 1.0
        in_cavity = (self._zeta > 0) & (self._zeta < 1)
        unit = self._relaxed_endo(self._phi, self._zeta[in_cavity, None])
        unit_volume = 0.5 * length * (unit**2).sum() * self._cell / 1000.0
        self._radius = float(np.sqrt(parameters.lv_end_diastolic_volume_ml / unit_volume))
        self._wall_mm = self._solve_wall()
        self._rv_widths: dict[bytes, np.ndarray] = {}

    # --- shapes at end-diastole, as functions of angle and material coordinate -----------------

    def _relaxed_endo(self, phi: np.ndarray, zeta: np.ndarray) -> np.ndarray:
        height = (1.0 - np.minimum(zeta, 1.0) - _WIDEST) / (1.0 - _WIDEST)
        profile = np.sqrt(np.clip(1.0 - height**2, 0.0, None))
        bumps = self._lv_bumps(phi, zeta)
        septum = _bump(phi, np.pi, np.deg2rad(62.0))
        flat = (0.05 + self.parameters.septal_flattening) * septum * smooth_step(zeta, 0.05, 0.5)
        return self._radius * profile * (1.0 + bumps - flat)

    def _wall_area(
        self, phi: np.ndarray, zeta: np.ndarray, wall_mm: float, endo: np.ndarray
    ) -> np.ndarray:
        """``epi^2 - endo^2`` at end-diastole."""
        reach = 0.75 * wall_mm / self.parameters.lv_length_mm
        height = (1.0 - np.minimum(zeta, 1.0) - _WIDEST) / (1.0 - _WIDEST + reach)
        profile = np.sqrt(np.clip(1.0 - height**2, 0.0, None))
        bumps = 0.6 * self._lv_bumps(phi, zeta)
        septum = _bump(phi, np.pi, np.deg2rad(62.0))
        flat = (0.05 + self.parameters.septal_flattening) * septum * smooth_step(zeta, 0.05, 0.5)
        epi = (self._radius + wall_mm) * profile * (1.0 + bumps - 0.8 * flat)
        area = np.clip(epi**2 - endo**2, (0.25 * wall_mm) ** 2 * (profile > 0), None)
        extra = self.parameters.septal_hypertrophy - 1.0
        if extra:
            thick = _bump(phi, np.deg2rad(-165.0), np.deg2rad(95.0))
            area = area * (1.0 + 1.15 * extra * thick * smooth_step(zeta, -0.1, 0.45))
        return area * (1.0 - 0.22 * self.infarct_weight(phi, zeta))

    def _solve_wall(self) -> float:
        """Wall thickness in mm that gives the wanted mass."""
        wanted = self.parameters.lv_mass_g / MYOCARDIAL_DENSITY_G_PER_ML
        zeta = self._zeta[self._zeta < 1, None]
        endo = self._relaxed_endo(self._phi, zeta)
        low, high = 1.0, 45.0
        for _ in range(40):
            middle = 0.5 * (low + high)
            area = self._wall_area(self._phi, zeta, middle, endo)
            volume = 0.5 * self.parameters.lv_length_mm * area.sum() * self._cell / 1000.0
            low, high = (middle, high) if volume < wanted else (low, middle)
        return 0.5 * (low + high)

    def infarct_weight(self, phi: np.ndarray, zeta: np.ndarray) -> np.ndarray:
        """How much of an infarct lies at each place of the wall: 0 none, 1 its core."""
        infarct = self.parameters.infarct
        if infarct is None:
            return np.zeros(np.broadcast_shapes(np.shape(phi), np.shape(zeta)))
        centre, low, high = _TERRITORIES[infarct.territory]
        wobble = 0.15 * np.sin(5.0 * zeta + self._lv_bumps.phases[0])
        half = np.deg2rad(infarct.extent_deg) / 2
        # Near the apex the territory closes around the tip.
        half = half * (1.0 + 0.7 * (1.0 - smooth_step(zeta, 0.0, 0.35)))
        away = np.abs(_wrap(phi - centre - wobble))
        around = 1.0 - smooth_step(away / half, 0.7, 1.15)
        along = smooth_step(zeta, low - 0.08, low + 0.08) * (
            1.0 - smooth_step(zeta, high - 0.12, high + 0.06)
        )
        return around * along

    def _motion_weight(self, phi: np.ndarray, zeta: np.ndarray) -> np.ndarray:
        septum = _bump(phi, np.pi, np.deg2rad(70.0))
        weight = 1.0 - 0.12 * septum + 0.10 * (0.5 - zeta)
        infarct = self.parameters.infarct
        if infarct is not None:
            weight = weight * (1.0 - (1.0 - infarct.wall_motion) * self.infarct_weight(phi, zeta))
        return weight

    def _rv_shape(self, phi: np.ndarray, zeta: np.ndarray) -> np.ndarray:
        """Width of the right ventricle over its greatest width."""
        body = smooth_step(zeta, _RV_APEX - 0.15, 0.85) * smooth_step(
            zeta, _RV_APEX, _RV_APEX + 0.2
        )
        half = np.deg2rad(44.0 + 26.0 * np.clip(zeta, 0.0, 1.0))
        middle = np.deg2rad(180.0)
        # Above the mitral plane only the outflow tract remains, on the anterior side.
        above = smooth_step(zeta, 0.96, 1.06)
        middle = middle + np.deg2rad(42.0) * above
        half = half * (1.0 - 0.52 * above)
        away = _wrap(phi - middle) / half
        crescent = np.clip(np.cos(0.5 * np.pi * np.clip(away, -1.0, 1.0)), 0.0, None) ** 0.85
        lean = 1.0 + 0.22 * np.clip(away, -1, 1) * smooth_step(zeta, 0.4, 1.0)
        bumps = self._rv_bumps(phi, zeta)
        top = 1.0 - smooth_step(zeta, _RV_OUTFLOW_TOP - 0.06, _RV_OUTFLOW_TOP)
        return crescent * lean * (1.0 + bumps) * body * (1.0 - 0.35 * above) * top

    # --- time -----------------------------------------------------------------------------------

    def lv_filled(self, times_ms: np.ndarray) -> np.ndarray:
        """Filled part of the LV stroke volume at some times."""
        return filled_fraction(times_ms, self.parameters.cycle_ms)

    def lv_volume_ml(self, times_ms: np.ndarray) -> np.ndarray:
        """LV cavity volume at some times after the R wave."""
        p = self.parameters
        ejected = p.lv_ejection_fraction_percent / 100.0 * (1.0 - self.lv_filled(times_ms))
        return p.lv_end_diastolic_volume_ml * (1.0 - ejected)

    def rv_volume_ml(self, times_ms: np.ndarray) -> np.ndarray:
        """RV cavity volume at some times; its systole ends 15 ms later than the left one's."""
        p = self.parameters
        filled = filled_fraction(times_ms, p.cycle_ms, delay_ms=15.0)
        ejected = p.rv_ejection_fraction_percent / 100.0 * (1.0 - filled)
        return p.rv_end_diastolic_volume_ml * (1.0 - ejected)

    def length_mm(self, times_ms: np.ndarray) -> np.ndarray:
        """Cavity length from apex to base; the base descends in systole."""
        p = self.parameters
        shortening = p.long_axis_shortening_percent / 100.0 * (1.0 - self.lv_filled(times_ms))
        return p.lv_length_mm * (1.0 - shortening)

    def twist(self, times_ms: np.ndarray, zeta: np.ndarray) -> np.ndarray:
        """Rotation in radians of planes ``zeta`` (S,) at some times (T,): shape ``(T, S)``."""
        full = np.deg2rad(self.parameters.twist_deg) * (1.0 - self.lv_filled(times_ms))
        along = 0.7 - np.clip(zeta, -0.2, 1.2)
        # Seen from the apex counter-clockwise is from x towards -y, as rows run downwards.
        return -full[:, None] * along

    def _contraction(self, times_ms: np.ndarray) -> np.ndarray:
        """Inward motion of the endocardium, as a part of its radius, that gives the LV volume."""
        inside = self._zeta[(self._zeta > 0) & (self._zeta < 1), None]
        endo = self._relaxed_endo(self._phi, inside)
        weight = self._motion_weight(self._phi, inside)
        scale = 0.5 * self._cell / 1000.0
        a = scale * (endo**2).sum()
        b = scale * (endo**2 * weight).sum()
        c = scale * (endo**2 * weight**2).sum()
        wanted = self.lv_volume_ml(times_ms) / self.length_mm(times_ms)
        discriminant = b * b - c * (a - wanted)
        if (discriminant <= 0).any():
            raise ScanError(
                f"an ejection fraction of {self.parameters.lv_ejection_fraction_percent:g} % is "
                "out of reach with so large an infarct",
                remedy="lower the ejection fraction or the infarct's extent",
            )
        return (b - np.sqrt(discriminant)) / c

    def _lv_radii(
        self, phi: np.ndarray, zeta: np.ndarray, contraction: np.ndarray, stretch: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Endo- and epicardial radius; every argument broadcasts to ``(T, S, P)``."""
        relaxed = self._relaxed_endo(phi, zeta)
        moved = relaxed * (1.0 - contraction * self._motion_weight(phi, zeta))
        endo = np.where(zeta > 0, moved, 0.0)
        area = self._wall_area(phi, zeta, self._wall_mm, relaxed)
        epi = np.sqrt(endo**2 + area / stretch)
        return endo, epi

    def _rv_width(self, times_ms: np.ndarray, contraction: np.ndarray) -> np.ndarray:
        """Greatest width in mm of the right ventricle that gives its volume, shape ``(T,)``."""
        known = self._rv_widths.get(times_ms.tobytes())
        if known is not None:
            return known
        length = self.length_mm(times_ms)
        stretch = length / self.parameters.lv_length_mm
        zeta = self._zeta[self._zeta > _RV_APEX, None]
        shape = self._rv_shape(self._phi, zeta)
        turned = self._phi - self.twist(times_ms, zeta[:, 0])[..., None]
        _, epi = self._lv_radii(turned, zeta, contraction[:, None, None], stretch[:, None, None])
        scale = self._cell / 1000.0
        a = scale * (epi * shape).sum(axis=(1, 2))
        b = 0.5 * scale * (shape**2).sum()
        wanted = self.rv_volume_ml(times_ms) / length
        width = (np.sqrt(a * a + 4.0 * b * wanted) - a) / (2.0 * b)
        self._rv_widths[times_ms.tobytes()] = width
        return np.asarray(width)

    def contours(self, times_ms: np.ndarray, z_mm: np.ndarray, phi: np.ndarray) -> Contours:
        """Radii of all surfaces.

        Parameters
        ----------
        times_ms : ndarray, shape (T,)
        z_mm : ndarray, shape (S,)
            Planes, in mm above the apex of the cavity.
        phi : ndarray, shape (P,)
            Angles in radians.

        Returns
        -------
        Contours
        """
        times = np.atleast_1d(np.asarray(times_ms, dtype=np.float64))
        length = self.length_mm(times)[:, None]
        zeta = np.asarray(z_mm, dtype=np.float64) / length
        contraction = self._contraction(times)
        stretch = length / self.parameters.lv_length_mm
        turned = (
            phi
            - np.stack([self.twist(times[i : i + 1], zeta[i])[0] for i in range(times.size)])[
                ..., None
            ]
        )
        deep = zeta[..., None]
        endo, epi = self._lv_radii(turned, deep, contraction[:, None, None], stretch[..., None])
        width = self._rv_width(times, contraction)[:, None, None]
        rv_outer = epi + width * np.where(deep > _RV_APEX, self._rv_shape(phi, deep), 0.0)
        inside = deep < 1.0
        weight = self.infarct_weight(turned, deep)
        return Contours(
            zeta=zeta,
            endo=np.where(inside, endo, 0.0),
            epi=np.where(inside, epi, 0.0),
            rv_inner=epi,
            rv_outer=rv_outer,
            infarct=np.where(inside, weight, 0.0),
        )

    def centre_mm(self, z_mm: np.ndarray) -> np.ndarray:
        """In-plane place ``(S, 2)`` of the LV axis, which is not quite straight: x, y."""
        along = np.asarray(z_mm) / self.parameters.lv_length_mm - 0.5
        bend = 2.5 * self._centre[:, 0, None] * along + 2.0 * self._centre[:, 1, None] * along**2
        lean = np.stack([-4.0 * along, 3.0 * along])
        return (bend + lean).T

    @cached_property
    def wall_thickness_mm(self) -> float:
        """Mean end-diastolic thickness of the free wall."""
        return self._wall_mm


@dataclass(frozen=True)
class TrueFunction:
    """Volumes in mL and ejection fractions in percent of the surfaces themselves."""

    lv_end_diastolic_volume_ml: float
    lv_end_systolic_volume_ml: float
    lv_ejection_fraction_percent: float
    rv_end_diastolic_volume_ml: float
    rv_end_systolic_volume_ml: float
    rv_ejection_fraction_percent: float
    lv_mass_g: float


def true_function(parameters: HeartParameters) -> TrueFunction:
    """Volumes of a synthetic heart, measured on its finely sampled surfaces.

    The areas inside the contours (288 planes of 360 points, midpoint rule along the long axis)
    are measured where the largest and smallest volume of each ventricle lies in a cycle of 200
    instants: no voxels, no slice thickness.
    """
    heart = Heart(parameters)
    times = np.linspace(0.0, parameters.cycle_ms, 200, endpoint=False)
    lv, rv = heart.lv_volume_ml(times), heart.rv_volume_ml(times)
    chosen = times[[lv.argmax(), lv.argmin(), rv.argmax(), rv.argmin()]]
    lv_ed, _, wall = surface_volumes_ml(heart, chosen[0])
    lv_es, _, _ = surface_volumes_ml(heart, chosen[1])
    _, rv_ed, _ = surface_volumes_ml(heart, chosen[2])
    _, rv_es, _ = surface_volumes_ml(heart, chosen[3])
    return TrueFunction(
        lv_end_diastolic_volume_ml=lv_ed,
        lv_end_systolic_volume_ml=lv_es,
        lv_ejection_fraction_percent=100.0 * (1.0 - lv_es / lv_ed),
        rv_end_diastolic_volume_ml=rv_ed,
        rv_end_systolic_volume_ml=rv_es,
        rv_ejection_fraction_percent=100.0 * (1.0 - rv_es / rv_ed),
        lv_mass_g=wall * MYOCARDIAL_DENSITY_G_PER_ML,
    )


def surface_volumes_ml(heart: Heart, time_ms: float) -> tuple[float, float, float]:
    """Volumes in mL of LV cavity, RV cavity and LV wall inside the surfaces at one time."""
    length = float(heart.length_mm(np.array([time_ms]))[0])
    phi = np.linspace(-np.pi, np.pi, 360, endpoint=False)
    z = _midpoints(-0.3 * length, _RV_OUTFLOW_TOP * length, 288)
    c = heart.contours(np.array([time_ms]), z, phi)
    cell = (2 * np.pi / phi.size) * (z[1] - z[0]) / 2000.0
    return (
        float((c.endo**2).sum() * cell),
        float((c.rv_outer**2 - c.rv_inner**2).sum() * cell),
        float((c.epi**2 - c.endo**2).sum() * cell),
    )


def _midpoints(low: float, high: float, count: int) -> np.ndarray:
    edges = np.linspace(low, high, count + 1)
    return 0.5 * (edges[:-1] + edges[1:])


def _wrap(angle: np.ndarray) -> np.ndarray:
    return np.mod(angle + np.pi, 2 * np.pi) - np.pi


def _bump(phi: np.ndarray, centre: float, half_width: float) -> np.ndarray:
    """Smooth bump of height 1 around an angle."""
    return 1.0 - smooth_step(np.abs(_wrap(phi - centre)), 0.0, half_width)
