"""Ends of a stream that are not the end of an answer."""

from chat.completions import BadUpstreamResponse, StreamTruncated


def nothing_said() -> BadUpstreamResponse:
    return BadUpstreamResponse("The provider ended its answer without saying anything. Try again.")


def cut_off() -> StreamTruncated:
    return StreamTruncated(
        "The provider stopped in the middle of the answer. What arrived is kept; try again to get the rest."
    )
