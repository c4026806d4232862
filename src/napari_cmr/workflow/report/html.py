"""The frame of every page that is written: one HTML file that asks for nothing from anywhere."""

from collections.abc import Iterable
from html import escape

import napari_cmr

NOTICE = "For research use only; not a medical device."
STYLE = """
body{font:14px/1.45 system-ui,sans-serif;color:#1c1e22;background:#fff;max-width:1060px;
margin:24px auto;padding:0 20px}
h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:26px 0 8px;border-bottom:1px solid #ccd}
h3{font-size:14px;margin:12px 0 4px}
.notice{background:#fff4d6;border:1px solid #e0b84c;padding:6px 10px;margin:10px 0;font-weight:600}
.synthetic{background:#e6e9ff;border-color:#8a97e6}
table{border-collapse:collapse}td,th{padding:2px 14px 2px 0;text-align:left;vertical-align:top}
table.numbers td:not(:first-child),table.numbers th:not(:first-child){text-align:right}
table.numbers tr:nth-child(even){background:#f5f6f8}
.big{display:flex;gap:40px;margin:8px 0}.big b{font-size:30px;display:block;line-height:1.1}
.grid{display:flex;flex-wrap:wrap;gap:8px}figure{margin:0}
figcaption{font-size:12px;color:#555}img.mask{image-rendering:pixelated;border:1px solid #889}
li{margin:2px 0}footer{margin-top:28px;font-size:12px;color:#555}
code{font-size:12px;overflow-wrap:anywhere}
@media print{body{margin:0}h2,figure,tr{break-inside:avoid}}
"""


def html_page(title: str, parts: Iterable[str], style: str = "") -> str:
    """Page of a title, the notice, and what is to be said; it may hold pictures, and no scripts.

    Parameters
    ----------
    title : str
        Plain text.
    parts : iterable of str
        HTML.
    style : str
        Rules of this page beside those of all.
    """
    title = escape(title)
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    whole = [
        f"<h1>{title}</h1>",
        f'<div class="notice">{NOTICE}</div>',
        *parts,
        f"<footer>napari-cmr {escape(napari_cmr.__version__)} · {NOTICE}</footer>",
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{title}</title><style>{STYLE}{style}</style></head>\n"
        "<body>\n" + "\n".join(whole) + "\n</body></html>\n"
    )
