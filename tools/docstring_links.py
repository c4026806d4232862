"""Griffe extension for the manual: links for roles of docstrings, and what fields are for."""

import re
from ast import literal_eval
from typing import Any

from griffe import Attribute, Docstring, ExprCall, ExprKeyword, Extension, Object

ROLE = re.compile(r":(?:func|class|mod|meth|data|attr):`(~?)\.?([\w.]+)`")


class DocstringLinks(Extension):
    """Turns roles into links where the manual has what they name, and into code elsewhere.

    A field of a pydantic model gets its description as docstring.
    """

    def on_attribute(self, *, attr: Attribute, **_more: Any) -> None:
        """Take the description of a field."""
        if attr.docstring is None and isinstance(attr.value, ExprCall):
            for one in attr.value.arguments:
                if isinstance(one, ExprKeyword) and one.name == "description":
                    attr.docstring = Docstring(literal_eval(str(one.value)), parent=attr)

    def on_object(self, *, obj: Object, **_more: Any) -> None:
        """Change the docstring of an object."""
        if obj.docstring is not None:
            obj.docstring.value = ROLE.sub(_link, obj.docstring.value)


def _link(role: re.Match[str]) -> str:
    short, name = role.groups()
    shown = name.rpartition(".")[2] if short else name
    return f'<autoref identifier="{name}" optional><code>{shown}</code></autoref>'
