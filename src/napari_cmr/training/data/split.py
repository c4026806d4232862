"""Which subjects are kept for validation."""

import re
from collections.abc import Sequence

#: Subjects of each group of twenty that ACDC's fixed split keeps for validation.
ACDC_VALIDATION = (14, 15, 16)


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
