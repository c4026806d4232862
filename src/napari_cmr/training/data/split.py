"""Which subjects are kept for validation."""

import re
from collections.abc import Sequence

#: Subjects of each group of twenty that ACDC's fixed split keeps for validation.
ACDC_VALIDATION = (14, 15, 16)
#: Patients of the left-atrium data that the fixed split keeps for validation and for testing.
LASC_VALIDATION = range(23, 30)
LASC_TEST = range(30, 38)


def split_subjects(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Training and validation subjects: ACDC's fixed split, else every fifth name validates."""
    numbers = [re.fullmatch(r"patient(\d{3})", name) for name in names]
    held_out = [
        name
        for name, match in zip(names, numbers, strict=True)
        if match and int(match[1]) % 20 in ACDC_VALIDATION
    ]
    if not held_out:
        held_out = sorted(names)[4::5] or sorted(names)[-1:]
    return [name for name in names if name not in held_out], held_out


def split_atria(names: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Training, validation and test patients of the left-atrium data, by names such as case30.

    Raises
    ------
    ValueError
        If a name holds no number.
    """
    parts: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name in names:
        match = re.fullmatch(r"case(\d{2})", name)
        if match is None:
            raise ValueError(f"{name!r} is no patient of the left-atrium data")
        number = int(match[1])
        parts[1 if number in LASC_VALIDATION else 2 if number in LASC_TEST else 0].append(name)
    return parts
