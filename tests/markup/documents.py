"""Texts as models write them, each with other traps."""

KITCHEN_SINK = r"""# A heading with `code`

A paragraph with **bold**, *emphasis*, ~~gone~~, a [link](https://example.org/a(b) "title"), and $x^2 + y^2$.
It goes on over two lines. It costs $5 and $6.

Setext
======

1. One
2. Two
   - nested `a`
   - nested **b**

     with a paragraph
3. Three
   ```python
   def f():
       return 1
   ```

After the list, a paragraph that is one long line, as models write them.

- loose

- list

- [ ] to do
- [x] done
* other list

| Name | Age |
|:-----|----:|
| Ann  | 3   |
| Bob \| x | `4` |

Text right after.
```python
print("hello")

for i in range(3): pass
```
Then:
$$
\int_0^1 x\,dx = \frac12
$$
and \[ a^2 \] too, $$b$$ as well.

\[
E = mc^2
\]

> A quote
> with *two* lines
>
> - and a list

    indented code
    second

---

![alt text](https://host.example/x.png "t") and <b>raw</b> https://example.org/x_y.

~~~~
```
nested
```
~~~~

Hard  
break and a backslash\
break. 中文段落，测试一下。混合 **粗体** 文本。

[ref]: https://example.com/ref
Uses [ref] and [the ref][ref].

Last paragraph ends here
"""

HOW_TO = """To set it up:

1. Install it:

   ```bash
   pip install uv
   uv run manage.py serve
   ```

2. Open the page and sign in.

3. Ask something. If nothing happens:
   - look at the log
   - look at the *other* log

| Variable | Meaning |
| --- | --- |
| `SECRET_KEY` | Signs sessions |

**Note:** the `demo` model needs no key (see [the guide](https://example.org/guide)).

```
unclosed fence
  with two lines
"""

PROSE = "\n\n".join(
    [
        "It was a long day, and *nobody* in the office remembered `why` the server had been started. " * 30,
        "中文的段落没有空格，" * 200 + "**结束**。",
        "A short one.\nOver two lines.",
        "One [link](https://example.org/long) after another, and $a_1$ to $a_n$; prices from $3 to $9. " * 40,
    ]
)

LINES = "first\r\nsecond\rthird\n\n- item\r\n- item\r\n\r\n> quote\r\nlazy\r\n\r\nend"

INDENTED = (
    "Text:\n\n    " + "code " * 300 + "\n    more\n\n   A paragraph " + "of words " * 300 + "\nthat ends.\n"
)

TABLE_HEAD_LIKE_ITEMS = """- Name | Value
---|---
a | b

1. a | b
-|-

* Only | a list
* Name | Value
---|---
over two lines

- One
- Name | Value
  ---|---
  a | b

+ Key | Value
:-
"""

DOCUMENTS = {
    "indented": INDENTED,
    "kitchen sink": KITCHEN_SINK,
    "how to": HOW_TO,
    "prose": PROSE,
    "line ends": LINES,
    "items like the heads of tables": TABLE_HEAD_LIKE_ITEMS,
}
