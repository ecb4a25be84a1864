import pytest

from chat.markup import render


def shown(text: str) -> str:
    return render(text, "message-1").strip()


@pytest.mark.parametrize("text", ["$x^2$", "\\(x^2\\)", "a $x^2$, b", "- $x^2$", "| a |\n|---|\n| $x^2$ |"])
def test_inline_mathematics_is_mathml(text: str) -> None:
    assert '<math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>' in shown(text)


@pytest.mark.parametrize(
    "text",
    [
        "$$x$$",
        "$$\nx\n$$",
        "\\[x\\]",
        "\\[\n  x\n\\]",
        "text\n$$\nx\n$$\ntext",
        "a $$x$$ b",
        "- item\n\n  \\[x\\]",
    ],
)
def test_display_mathematics_stands_alone(text: str) -> None:
    assert '<math display="block"><mrow><mi>x</mi></mrow></math>' in shown(text)


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6",
        "costs $5",
        "US$5-$10",
        "$ x $",
        "\\$x\\$",
        "`$x$`",
        "$HOME and $PATH",
        "$$",
        "$$\nx\n\ny\n$$",
        "$x\n\ny$",
    ],
)
def test_money_and_lone_dollars_are_text(text: str) -> None:
    assert "<math" not in shown(text)


@pytest.mark.parametrize(
    "tex", ["\\frac{a", "\\left(", "x^", "\\begin{matrix}", "}", "\\genfrac", "\\hbox{a $b"]
)
def test_what_is_not_tex_is_shown_as_it_was_written(tex: str) -> None:
    html = shown(f"\\({tex}\\)")
    assert f'<code class="math-error">\\({tex}\\)</code>' in html


@pytest.mark.parametrize("tex", ["{" * 900 + "}" * 900, "\\sqrt" * 700 + "x", "x" * 5_000, "_" * 3_000])
def test_tex_made_to_be_slow_is_shown_as_it_was_written(tex: str) -> None:
    assert "math-error" in shown(f"$${tex}$$")


def test_macros_are_not_expanded() -> None:
    assert "math-error" in shown(r"$\newcommand{\a}{xx}\a$")


@pytest.mark.parametrize(
    "tex",
    [
        "\\text{<img src=x onerror=alert(1)>}",
        "\\text{&lt;script&gt;}",
        "\\href{javascript:alert(1)}{x}",
        "<script>",
        "\\color{red;background:url(x)}a",
    ],
)
def test_tex_carries_no_html(tex: str) -> None:
    html = shown(f"${tex}$")
    assert "<img" not in html
    assert "<script" not in html
    assert "href" not in html
