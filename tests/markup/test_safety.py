"""No text, whoever wrote it, brings a script, a request or a style to the page."""

from html.parser import HTMLParser

import pytest

from chat.markup import StreamedMarkup, render
from chat.markup.sanitiser import sanitise

HARMLESS_ATTRIBUTES = {
    *("class", "id", "title", "tabindex", "role", "aria-label", "type", "disabled", "checked", "start"),
    *("target", "rel", "href", "data-src", "data-alt", "data-copy", "data-language"),
    *("display", "width", "height", "mathvariant", "stretchy", "scriptlevel", "displaystyle"),
}
FORBIDDEN_TAGS = {
    "script",
    "img",
    "svg",
    "iframe",
    "object",
    "embed",
    "style",
    "link",
    "form",
    "base",
    "video",
}

PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    '![x" onerror="alert(1)](https://a.example/x.png)',
    '![x](https://a.example/"onerror="alert(1))',
    '![x](https://a.example/x.png "\\"onerror=alert(1)")',
    '[x](https://a.example "\\" onmouseover=\\"alert(1)")',
    "```<script>alert(1)</script>\nx\n```",
    '```"onmouseover="alert(1)\nx\n```',
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "# <script>alert(1)</script>",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "- [ ] <img src=x onerror=alert(1)>",
    "[^<script>]\n\n[^<script>]: <script>alert(1)</script>",
    "$\\text{<img src=x onerror=alert(1)>}$",
    "$\\frac{<script>alert(1)$",
    "$$\n<svg onload=alert(1)>\n$$",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<hx-partial hx-target='body'>x</hx-partial>",
    "<div hx-get='/admin/' hx-trigger='load'>x</div>",
    "<form action='https://evil.example'><button>x</button></form>",
    "<style>body{display:none}</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example'>",
    "<p id='message-1-tail'>x</p>",
    'https://a.example/"onmouseover="alert(1)',
    "https://a.example/'><script>alert(1)</script>",
]


class Inspector(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in FORBIDDEN_TAGS
        for name, value in attrs:
            assert name in HARMLESS_ATTRIBUTES, name
            if name == "href":
                assert (value or "").startswith(("https://", "http://", "mailto:", "#message-1-"))
            if name == "data-src":
                assert (value or "").startswith("https://")


def inspect(html: str) -> None:
    Inspector().feed(html)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_whole_text_is_inert(payload: str) -> None:
    inspect(render(payload, "message-1"))


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("before", ["", "- ", "> ", "| a |\n|---|\n| ", "```\n", "text ", "x " * 600])
def test_a_growing_text_is_inert_at_every_moment(payload: str, before: str) -> None:
    markup = StreamedMarkup("message-1")
    markup.append(before)
    markup.advance()
    for character in payload:
        markup.append(character)
        for patch in markup.advance():
            inspect(patch.html)
    markup.finish()
    inspect(markup.html())


@pytest.mark.parametrize("tag", ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "<b>bold</b>"])
def test_html_is_shown_as_text(tag: str) -> None:
    assert tag.replace("<", "&lt;").replace(">", "&gt;") in render(tag, "message-1")


def test_the_sanitiser_removes_what_the_parser_should_not_have_let_through() -> None:
    html = '<p id="x" onclick="a()" style="color:red"><a href="javascript:a()" id="other-1">x</a><script>a()</script></p>'
    assert sanitise(html, "message-1") == '<p><a rel="noopener noreferrer nofollow">x</a></p>'


def test_ids_of_one_text_are_not_those_of_another() -> None:
    assert sanitise('<li id="message-10-note-1">x</li>', "message-1") == "<li>x</li>"
