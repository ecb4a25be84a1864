"""What a socket is sent: `<hx-partial>` elements, each of which says where its HTML goes.

The markup of a message is `_message.html` and nothing else, whether it comes with the first page, with a new
turn, after a gap or at the end of an answer. The frames in between only append to two places inside it, and the
end leaves these as they are.
"""

import logging
import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

from chat.markup import Patch, StreamedMarkup, remembered, render
from chat.models import AnswerInProgress, Branch, Message, OtherTextSent, Turn, Versions
from chat.models.message import dom_id

logger = logging.getLogger(__name__)

ANNOUNCED_LENGTH = 300
UNREAD = re.compile(r"<button.*?</button>|<annotation.*?</annotation>", re.DOTALL)
BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|t[dh]|div|pre|figcaption)>|<br ?/?>")
PAGE_LENGTH = 30


def content_prefix(message: Message) -> str:
    return f"{message.dom_id}-content"


def reasoning_prefix(message: Message) -> str:
    return f"{message.dom_id}-reasoning"


def message_context(
    message: Message, content: str | None = None, reasoning: str | None = None
) -> dict[str, Any]:
    """What `_message.html` needs: the message, and the HTML of its text and reasoning.

    `content` and `reasoning` are given by who streams the message; otherwise they are rendered from what is
    saved, and a message that is being streamed is rendered so that later frames fit to it.
    """
    if message.role == Message.Role.ASSISTANT:
        content = markup(message, message.said, content_prefix(message)) if content is None else content
        reasoning = (
            markup(message, message.reasoning, reasoning_prefix(message)) if reasoning is None else reasoning
        )
    return {
        "message": message,
        "content": mark_safe(content or ""),  # noqa: S308  sanitised by chat.markup
        "reasoning": mark_safe(reasoning or ""),  # noqa: S308
    }


def markup(message: Message, text: str, prefix: str) -> str:
    if not message.is_streaming:
        return remembered.render(text, prefix)
    try:
        return grown(text, prefix)
    except Exception:
        # A mistake of ours, for one kind of text. Whoever writes the answer finds it too, and shows it whole.
        logger.exception("The answer %s cannot be shown as it grows", message.public_id)
        return render(text, prefix)


def grown(text: str, prefix: str) -> str:
    streamed = StreamedMarkup(prefix)
    streamed.append(text)
    streamed.advance()
    return streamed.html()


def rendered(message: Message, content: str, reasoning: str) -> tuple[str, str]:
    """Both as they look when nothing follows."""
    return render(content, content_prefix(message)), render(reasoning, reasoning_prefix(message))


def message_html(message: Message, content: str | None = None, reasoning: str | None = None) -> SafeString:
    return render_to_string("chat/_message.html", message_context(message, content, reasoning))


def new_turn(turn: Turn, content: str, reasoning: str) -> str:
    """Puts a turn at the end of its branch: what stood there, or came twice, goes."""
    articles = [message_html(turn.question), message_html(turn.answer, content, reasoning)]
    parent = turn.question.parent.public_id if turn.question.parent else ""
    assert turn.question.versions is not None
    return instead(turn.question.versions, parent, articles)


def instead(versions: Versions, parent: str, articles: Iterable[str]) -> str:
    """These articles in the place of the versions of a message, and of all that follows them."""
    # The page may begin with one of them.
    return (gone(*versions.public_ids) if parent else "") + after(parent, articles)


def after(public_id: str, articles: Iterable[str]) -> str:
    """Replaces everything behind this message by these articles; all there is, for an empty id."""
    behind = f"#{dom_id(public_id)} ~ *" if public_id else "#messages > *"
    return partial(behind, "delete", "") + partial("#messages", "beforeend", "".join(articles))


def gone(*public_ids: str) -> str:
    """Takes these messages away, and everything behind them."""
    targets = [f"#{dom_id(each)}, #{dom_id(each)} ~ *" for each in public_ids]
    return partial(", ".join(targets), "delete", "")


def page(articles: Iterable[str]) -> str:
    """These articles instead of all that the page shows."""
    return partial("#messages", "innerHTML", "".join(articles))


def whole(message: Message, content: str | None = None, reasoning: str | None = None) -> str:
    return partial(f"#{message.dom_id}", "outerHTML", message_html(message, content, reasoning))


def ended(message: Message) -> str:
    """The message at its end around the text that the page has."""
    html = render_to_string("chat/_message.html", {"message": message, "text_is_there": True})
    # htmx first gives what comes the attributes of what is there, unless it settles at once, and then does not
    # see any more what it is to preserve.
    return partial(f"#{message.dom_id}", "outerHTML settle:0", html)


def correction(message: Message, content: StreamedMarkup, reasoning: StreamedMarkup) -> str:
    """The whole message, unless the page on which these grew to their end shows the same.

    It may not: what a reference refers to can come after it.
    """
    context = message_context(message)
    if content.amounts_to(context["content"]) and reasoning.amounts_to(context["reasoning"]):
        return ""
    return whole(message, context["content"], context["reasoning"])


def patched(patches: Iterable[Patch]) -> str:
    """htmx looks for every target before it changes anything; `StreamedMarkup` only names what is there."""
    return "".join(partial(f"#{patch.target}", patch.swap, patch.html) for patch in patches)


def phase(message: Message) -> str:
    """Whether an answer that streams is waited for, thinks or speaks."""
    html = render_to_string("chat/_phase.html", {"message": message})
    return partial(f"#{message.dom_id}-phase", "outerHTML", html)


def later(branch: Branch, messages: list[Message]) -> str:
    """Leads on from the last of these messages, where the branch does."""
    if not branch.goes_on_after(messages):
        return ""
    context = {"conversation": branch.conversation, "last": messages[-1], "tip": branch.tip}
    return render_to_string("chat/_later.html", context)


def versions_of(message_id: str, versions: Versions) -> str:
    html = render_to_string("chat/_versions.html", {"dom_id": dom_id(message_id), "versions": versions})
    return partial(f"#{dom_id(message_id)}-versions", "outerHTML", html)


def version_announcement(versions: Versions) -> str:
    return partial("#announcer", "innerHTML", f"Version {versions.number} of {versions.count}")


def elsewhere(conversation_id: str, answers: Iterable[str]) -> str:
    """The hint that answers are being written on other branches, which leads to one of them."""
    html = "".join(
        render_to_string("chat/_elsewhere.html", {"conversation_id": conversation_id, "answer_id": answer})
        for answer in sorted(answers)[:1]
    )
    return partial("#elsewhere", "innerHTML", html)


def undo(public_id: str) -> str:
    """The offer to bring back what was deleted; without an id it goes."""
    html = render_to_string("chat/_undo.html", {"public_id": public_id}) if public_id else ""
    return partial("#undo", "innerHTML", html)


def revised(problem: str = "") -> str:
    """Closes the dialog in which an answer was edited, or says in it what is wrong."""
    if not problem:
        return partial("#revision", "innerHTML", "")
    return partial("#revision-notice", "innerHTML", render_to_string("chat/_notice.html", {"text": problem}))


def notice(error: ValidationError | None = None) -> str:
    """What is wrong with what was just sent, beside the composer; without an error it is taken away.

    The page sends the text of a new turn under another id when it sends it again; what is passing is wrong no
    longer once the answer that is being written has ended.
    """
    html = render_to_string("chat/_notice.html", _of_notice(error)) if error else ""
    return partial("#composer-notice", "innerHTML", html)


def _of_notice(error: ValidationError) -> dict[str, Any]:
    return {
        "text": " ".join(error.messages),
        "is_new_turn": isinstance(error, OtherTextSent),
        "is_passing": isinstance(error, AnswerInProgress),
    }


def announcement(message: Message) -> str:
    """What a screen reader says when an answer has ended: it does not read every token as it comes."""
    if message.status == Message.Status.COMPLETE:
        text = format_html("The answer is complete. {}", beginning(message.said))
    else:
        text = format_html("The answer was {}.", message.get_status_display().lower())
    return partial("#announcer", "innerHTML", text)


def beginning(text: str) -> str:
    """Of a text with markdown, as it is read out: its words without its signs."""
    html = UNREAD.sub("", render(text[: 4 * ANNOUNCED_LENGTH], "announced"))
    words = " ".join(unescape(strip_tags(BLOCK_END.sub(" ", html))).split())
    return words if len(words) <= ANNOUNCED_LENGTH else f"{words[:ANNOUNCED_LENGTH].rsplit(' ', 1)[0]}…"


def partial(target: str, swap: str, html: str) -> str:
    return f'<hx-partial hx-target="{escape(target)}" hx-swap="{swap}">{html}</hx-partial>'
