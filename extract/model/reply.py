"""From a completion to an answer or a fault, whatever an endpoint sends."""

from __future__ import annotations

import json
from typing import Any

from extract.model.answers import Answer, Fault


def read_reply(completion: object) -> Answer | Fault:
    """Read what the client made of a response with status 200.

    Args:
        completion: a chat completion; a text or None where the endpoint sent something else.

    Returns:
        The answer, if it is an object with a list ``claims``; single claims are not looked at.
    """
    tokens = count_tokens(completion)
    choices = getattr(completion, "choices", None)
    if not isinstance(choices, list) or not choices or getattr(choices[0], "message", None) is None:
        return Fault("answer_malformed", "the response is no chat completion with a message", **tokens)
    message, finish = choices[0].message, choices[0].finish_reason
    refusal = getattr(message, "refusal", None)
    if refusal or finish == "content_filter":
        return Fault("answer_refused", str(refusal or "the endpoint's content filter stopped it"), **tokens)
    if finish == "length":
        return Fault("answer_truncated", "the model ran out of tokens before its answer was complete", **tokens)
    try:
        document = json.loads(message.content or "")
    except (ValueError, TypeError, RecursionError) as error:
        return Fault("answer_malformed", f"the answer is not JSON: {error}", **tokens)
    claims = document.get("claims") if isinstance(document, dict) else None
    if not isinstance(claims, list):
        return Fault("answer_malformed", "the answer is no object with a list 'claims'", **tokens)
    return Answer(tuple(claims), requests=0, **tokens)


def count_tokens(completion: object) -> dict[str, Any]:
    """Return the tokens that an endpoint counted; those that count none give 0."""
    usage = getattr(completion, "usage", None)
    names = ("prompt_tokens", "completion_tokens")
    counts = {name: getattr(usage, name, 0) for name in names}
    return {name: count if isinstance(count, int) and count >= 0 else 0 for name, count in counts.items()}
