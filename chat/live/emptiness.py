from chat.completions import BadUpstreamResponse, CompletionError, ContentFiltered


def nothing_in(finish_reason: str | None) -> CompletionError:
    """Why an answer that ended so says nothing."""
    match finish_reason:
        case "content_filter":
            return ContentFiltered(
                "The provider ended this answer by its content rules before it said anything. "
                "Rephrase your question, or ask another model."
            )
        case "length":
            return BadUpstreamResponse(
                "The model reached the longest answer before it said anything, as when it thinks for long. "
                "Allow a longer one or less reasoning in the settings, or ask another model."
            )
    return BadUpstreamResponse("The model answered with nothing. Retry, or ask another model.")
