"""The last step of every rendering: only what is listed here reaches a page.

The parser lets no HTML through, so that this removes nothing but what a mistake elsewhere would have added.
"""

import re
from functools import lru_cache

import nh3

PATH = re.compile(r"/(?![/\\])")

MATHML = frozenset(
    "math mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext"
    " mtr munder munderover menclose mmultiscripts mprescripts none".split()
)
MATHML_ATTRIBUTES = frozenset(
    "display width height depth voffset lspace rspace linebreak scriptlevel displaystyle stretchy minsize maxsize"
    " linethickness mathvariant mathsize mathcolor mathbackground fence form separator largeop movablelimits"
    " accent accentunder columnalign columnlines columnspacing rowalign rowlines rowspacing notation".split()
)
TAGS = MATHML | frozenset(
    "p h1 h2 h3 h4 h5 h6 ul ol li blockquote hr br em strong s a code sup div figure figcaption pre span button"
    " table thead tbody tr th td input section".split()
)
ATTRIBUTES = dict.fromkeys(MATHML, MATHML_ATTRIBUTES) | {
    "a": {"href", "title", "aria-label", "id"},
    "button": {"data-copy", "data-src", "data-alt", "title"},
    "figure": {"data-language"},
    "input": {"checked", "disabled"},
    "li": {"id"},
    "ol": {"start"},
}
VALUES = {
    "a": {"target": {"_blank"}},
    "button": {"type": {"button"}},
    "div": {"tabindex": {"0"}, "role": {"region"}, "aria-label": {"Table"}},
    "input": {"type": {"checkbox"}, "aria-label": {"Done", "To do"}},
    "pre": {"tabindex": {"0"}},
}
CLASSES = {
    "a": {"footnote-back"},
    "button": {"code__copy", "remote-image"},
    "code": {"math-error", "math-open"},
    "div": {"footnote", "math", "table"},
    "figcaption": {"code__bar"},
    "figure": {"code"},
    "li": {"task"},
    "p": {"plain"},
    "section": {"footnotes"},
    "span": {"code__language", "remote-image__alt", "remote-image__host", *"ckmnos"},
    "sup": {"footnote-ref"},
    "td": {"cell-center", "cell-left", "cell-right"},
    "th": {"cell-center", "cell-left", "cell-right"},
}


def sanitise(html: str, prefix: str = "") -> str:
    """Ids, and links within the page, must begin with `prefix`; without one there are none."""
    return _cleaner(prefix).clean(html)


@lru_cache(maxsize=64)
def _cleaner(prefix: str) -> nh3.Cleaner:
    def on_this_site(url: str) -> str | None:
        own_id = prefix and url.startswith(f"#{prefix}-")
        return url if own_id or PATH.match(url) else None

    def own_ids(tag: str, attribute: str, value: str) -> str | None:  # noqa: ARG001
        foreign = attribute == "id" and not (prefix and value.startswith(f"{prefix}-"))
        return None if foreign else value

    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        # The callback costs a microsecond an attribute; pieces of a stream hold no ids.
        attribute_filter=own_ids if prefix else None,
        tag_attribute_values=VALUES,
        allowed_classes=CLASSES,
        url_schemes={"http", "https", "mailto"},
        url_relative=on_this_site,
        link_rel="noopener noreferrer nofollow",
    )
