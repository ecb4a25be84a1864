"""What a tab passes on of the answers that are written: the frames of its branch, none twice and none missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import groups, showing

if TYPE_CHECKING:
    from .consumers import ConversationConsumer


async def follow(tab: ConversationConsumer, event: dict[str, Any]) -> None:
    """Pass on a frame if it is of the branch that the tab shows."""
    answer = event["answer"]
    if tab.tip not in {answer, event["after"]}:
        await tab.hint(tab.elsewhere - {answer} if event["is_end"] else tab.elsewhere | {answer})
        return
    await tab.hint(tab.elsewhere - {answer})
    if tab.tip == answer or event["is_turn"]:
        tab.tip = answer
        await _pass_on(tab, event)
    elif conversation := await tab.visited():
        await showing.show_turn(tab, conversation, answer)


async def _pass_on(tab: ConversationConsumer, event: dict[str, Any]) -> None:
    """What fits to the last frame; when one was lost before it, the whole answer is asked for instead."""
    answer, number = event["answer"], event["number"]
    shown = tab.shown.get(answer, 0)
    if number == shown + 1 or (event["whole"] and number >= shown):
        tab.shown[answer] = number
        await tab.show(event["html"])
    elif number > shown and event["is_end"]:
        tab.shown[answer] = number
        await _show_saved(tab, answer)
    elif number > shown:
        await groups.ask_for_whole(answer, tab.channel_name)


async def _show_saved(tab: ConversationConsumer, answer: str) -> None:
    if conversation := await tab.visited():
        await showing.show_saved(tab, conversation, answer)
