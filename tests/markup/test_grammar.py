import pytest

from chat.markup import render


def shown(text: str) -> str:
    return render(text, "message-1").strip()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# One\n\n###### Six", "<h1>One</h1>\n<h6>Six</h6>"),
        ("**b** *e* ~~s~~ `c`", "<p><strong>b</strong> <em>e</em> <s>s</s> <code>c</code></p>"),
        ("one\ntwo", "<p>one\ntwo</p>"),
        ("one  \ntwo", "<p>one<br>\ntwo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("4) a\n5) b", '<ol start="4">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("> quote", "<blockquote>\n<p>quote</p>\n</blockquote>"),
        ("---", "<hr>"),
        ("\\*not\\*", "<p>*not*</p>"),
        ("&copy; &amp;lt;", "<p>© &amp;lt;</p>"),
        ("", ""),
    ],
)
def test_commonmark_is_written_as_it_says(text: str, html: str) -> None:
    assert shown(text) == html


def test_a_task_list_has_boxes_that_cannot_be_ticked() -> None:
    html = shown("- [ ] open\n- [x] closed")
    assert '<li class="task"><input type="checkbox" disabled="" aria-label="To do"> open</li>' in html
    assert 'aria-label="Done" checked=""> closed' in html


def test_a_table_scrolls_by_itself_and_is_aligned_by_classes() -> None:
    html = shown("| a | b |\n|:-:|--:|\n| 1 | `x\\|y` |")
    assert html.startswith('<div class="table" tabindex="0" role="region" aria-label="Table"><table>')
    assert '<th class="cell-center">a</th>' in html
    assert '<td class="cell-right"><code>x|y</code></td>' in html
    assert "style" not in html


def test_links_open_elsewhere_and_vouch_for_nothing() -> None:
    around = 'target="_blank" rel="noopener noreferrer nofollow"'
    assert (
        shown('[a](https://b.example "t")') == f'<p><a href="https://b.example" title="t" {around}>a</a></p>'
    )
    assert shown("<mail@b.example>") == f'<p><a href="mailto:mail@b.example" {around}>mail@b.example</a></p>'


def test_a_path_links_to_a_page_of_this_site() -> None:
    assert '<a href="/admin/"' in shown("[admin](/admin/)")
    assert "<a" not in shown("[elsewhere](//evil.example)")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.example/b_c_d.", "https://a.example/b_c_d"),
        ("(https://a.example/b_(c))", "https://a.example/b_(c)"),
        ("**https://a.example**", "https://a.example"),
        ("看https://a.example/中。好", ""),
        ("见 https://a.example/b。好", "https://a.example/b"),
        ("HTTP://A.example/?q=1&r=2", "HTTP://A.example/?q=1&amp;r=2"),
    ],
)
def test_an_address_in_running_text_is_a_link(text: str, address: str) -> None:
    html = shown(text)
    assert (f">{address}</a>" in html) if address else ("<a" not in html)


@pytest.mark.parametrize(
    "text", ["ftp://a.example", "a.example", "https://", "xhttps://a.example", "`https://a.example`"]
)
def test_anything_else_is_not(text: str) -> None:
    assert "<a" not in shown(text)


def test_a_remote_image_is_a_button_until_it_is_asked_for() -> None:
    html = shown("![A *cat*](https://user:secret@host.example/cat.png)")
    assert "<img" not in html
    assert 'data-src="https://user:secret@host.example/cat.png"' in html
    assert '<span class="remote-image__alt">A cat</span>' in html
    assert "Load image from host.example" in html


def test_an_embedded_image_is_its_description() -> None:
    assert shown("![A cat](data:image/png;base64,AAAA)") == "<p>A cat</p>"


def test_footnotes_are_collected_under_ids_of_their_own() -> None:
    html = shown("Text[^a] and[^b] again[^a].\n\n[^a]: First.\n[^b]: Second.")
    assert '<a href="#message-1-note-1" id="message-1-note-1-reference"' in html
    assert 'id="message-1-note-1-reference-2"' in html
    assert '<li id="message-1-note-2"><p>Second.' in html
    assert '<a href="#message-1-note-1-reference-2" class="footnote-back"' in html


def test_code_names_its_language_and_offers_a_copy() -> None:
    html = shown("```python title=x\nif x: pass\n```")
    assert '<figure class="code" data-language="python">' in html
    assert '<button type="button" class="code__copy" data-copy="">Copy</button>' in html
    assert '<pre tabindex="0"><code><span class="k">if</span> x' in html


@pytest.mark.parametrize(
    "text",
    [
        "```nonsense\n<b>\n```",
        "```\n<b>\n```",
        "    <b>",
        "~~~~\n<b>\n~~~~",
        "```python\n" + "<b>" * 30_000 + "\n```",
    ],
)
def test_code_that_is_not_highlighted_is_shown_as_it_is(text: str) -> None:
    html = shown(text)
    assert "&lt;b&gt;" in html
    assert 'class="k"' not in html


def test_a_fence_may_hold_fences() -> None:
    assert "```\nx\n```\n</code>" in shown("````md\n```\nx\n```\n````").replace(
        '<span class="s">', ""
    ).replace("</span>", "")


def test_long_running_text_is_cut_nowhere_that_shows() -> None:
    text = "Some **bold words** and `code` in [a link](https://a.example/b) with $x$. " * 300
    html = shown(text)
    assert html.count("<strong>bold words</strong>") == html.count("</math>") == 300
    assert html.count("<p>") == 1


def test_what_is_nested_too_deep_is_kept_as_text() -> None:
    assert "the end" in shown("> " * 100 + "the end")
    assert "the end" in shown("\n".join("  " * depth + "- x" for depth in range(60)) + "\n\nthe end")
