"""Ask the model about many articles: some at once, with retries, within a time, and without asking twice."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from extract.claims import ArticleText
from extract.model.answers import Answer, AnswerStore, Fault
from extract.model.question import build_question, response_format
from extract.model.reply import read_reply
from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openai import AsyncOpenAI

    from extract.model.question import Question
    from extract.model.settings import ModelSettings

MALFORMED_TRIES = 2
"""A model that samples may answer well the second time; one that doesn't, never will."""

FAILURES_IN_A_ROW = 5
"""After so many articles that the endpoint failed on, without an answer between, it must prove that it works."""

BACKOFF_SECONDS = 120.0
"""The client's longest wait before a retry: it honours a Retry-After of up to two minutes."""


@dataclass(frozen=True)
class Asked:
    """What came of asking.

    Attributes:
        outcomes: question's hash -> answer or fault.
        kept: hashes whose answer was there already.
        is_available: whether the endpoint gave any answer and went on to; a fault is then the article's own.
    """

    outcomes: dict[str, Answer | Fault]
    kept: frozenset[str]
    is_available: bool


def ask(settings: ModelSettings, store: AnswerStore, questions: Iterable[Question]) -> Asked:
    """Ask all questions that no kept answer covers.

    What the endpoint fails on is asked once more when all others are done. Every answer is kept at once, so a run that
    ends early costs nothing twice.

    Args:
        settings: where to ask, and how hard.
        store: kept answers.
        questions: questions; equal ones are asked once.

    Raises:
        SettingsError: the client isn't installed.
    """
    wanted = {question.hash: question for question in questions}
    kept = {name: answer for name in wanted if (answer := store.find(name)) is not None}
    missing = [question for name, question in wanted.items() if name not in kept]
    if not missing:
        return Asked(dict(kept), frozenset(kept), is_available=True)
    outcomes, is_available = asyncio.run(_ask_missing(settings, store, missing))
    return Asked({**kept, **outcomes}, frozenset(kept), is_available)


async def _ask_missing(
    settings: ModelSettings, store: AnswerStore, questions: Sequence[Question]
) -> tuple[dict[str, Answer | Fault], bool]:
    async with build_client(settings) as client:
        desk = _Desk(settings, store, client)
        outcomes = await desk.ask_all(questions)
        again = [q for q in questions if isinstance(fault := outcomes[q.hash], Fault) and fault.is_of_endpoint]
        if again and desk.has_answered and not desk.is_closed:
            second = await desk.ask_all(again)
            outcomes |= {name: _add_cost(outcome, outcomes[name]) for name, outcome in second.items()}
        if not desk.has_answered and not desk.is_closed:
            await desk.make_sure()
        return outcomes | desk.trials, desk.has_answered and not desk.is_closed


def _trial(settings: ModelSettings) -> Question:
    """A question that a working endpoint can't fail on: an article of a few words.

    It tells a model that never keeps to the schema, or a server that is down, from articles that can't be answered.
    """
    article = ArticleText("", "", "Rain expected", "It will rain on Sunday.", None, None)
    return build_question(article, model=settings.model, temperature=settings.temperature)


def build_client(settings: ModelSettings) -> AsyncOpenAI:
    """Return the client of an endpoint.

    Raises:
        SettingsError: the package isn't installed.
    """
    try:
        from openai import AsyncOpenAI  # noqa: PLC0415 - optional, and slow to import
    except ModuleNotFoundError as error:
        raise SettingsError(
            "the model extractor needs the package openai; install it with: pip install 'armsledger[model]'"
        ) from error
    return AsyncOpenAI(
        base_url=settings.url,
        api_key=settings.key or "none",  # the client wants one; a server without keys doesn't look at it
        timeout=settings.timeout_seconds,
        max_retries=settings.retries,
    )


class _Desk:
    """Asks, and remembers how the endpoint fares."""

    def __init__(self, settings: ModelSettings, store: AnswerStore, client: AsyncOpenAI) -> None:
        self._settings = settings
        self._store = store
        self._client = client
        self._turns = asyncio.Semaphore(settings.concurrency)
        self._failures = 0
        self._closed_by: Fault | None = None
        self._trial_lock = asyncio.Lock()
        self.trials: dict[str, Answer | Fault] = {}
        self.has_answered = False

    @property
    def is_closed(self) -> bool:
        """Whether the endpoint is left alone for the rest of the run."""
        return self._closed_by is not None

    async def ask_all(self, questions: Sequence[Question]) -> dict[str, Answer | Fault]:
        """Ask several questions, a bounded number at once."""
        outcomes = await asyncio.gather(*(self._take_turn(question) for question in questions))
        return dict(zip((question.hash for question in questions), outcomes, strict=True))

    async def _take_turn(self, question: Question) -> Answer | Fault:
        async with self._turns:
            if self._closed_by:
                return replace(self._closed_by, prompt_tokens=0, completion_tokens=0, requests=0)
            outcome = await self._answer(question)
            if isinstance(outcome, Answer):
                self._store.keep(question.hash, outcome)
            self._note(outcome)
            async with self._trial_lock:
                if self._failures >= FAILURES_IN_A_ROW and not self.is_closed:
                    await self.make_sure()
            return outcome

    async def make_sure(self) -> None:
        """Ask the question that can't fail, and leave the endpoint alone if it does."""
        trial = _trial(self._settings)
        outcome = await self._answer(trial)
        self._note(outcome)
        if isinstance(outcome, Fault):
            self._closed_by = outcome
        known = self.trials.get(trial.hash)
        self.trials[trial.hash] = _add_cost(outcome, known) if known else outcome

    def _note(self, outcome: Answer | Fault) -> None:
        if isinstance(outcome, Answer):
            self.has_answered, self._failures = True, 0
        elif outcome.is_of_endpoint:
            self._failures += 1
            self._closed_by = outcome if outcome.is_lasting else self._closed_by

    async def _answer(self, question: Question) -> Answer | Fault:
        """Ask one question, again where the answer is malformed."""
        outcome = await self._request(question.messages)
        for _ in range(MALFORMED_TRIES - 1):
            if not isinstance(outcome, Fault) or outcome.reason != "answer_malformed":
                break
            outcome = _add_cost(await self._request(question.messages), outcome)
        return outcome

    async def _request(self, messages: Sequence[dict[str, str]]) -> Answer | Fault:
        """Make one request with the client's retries; nothing that an endpoint does escapes as an exception."""
        import openai  # noqa: PLC0415 - optional

        tries = self._settings.retries + 1
        completions = self._client.chat.completions.with_raw_response
        try:
            # the client's timeout counts from byte to byte; this one ends an answer that trickles for ever
            async with asyncio.timeout(tries * (self._settings.timeout_seconds + BACKOFF_SECONDS) - BACKOFF_SECONDS):
                response = await completions.create(**self._parameters(messages))
                reply = read_reply(response.parse())
                return replace(reply, requests=response.retries_taken + 1)
        except openai.APIStatusError as error:
            return self._status_fault(error, tries)
        except (openai.APITimeoutError, TimeoutError):
            detail = f"no answer within {self._settings.timeout_seconds:g} seconds"
            return Fault("model_timeout", detail, is_of_endpoint=True, requests=tries)
        except openai.APIConnectionError as error:
            detail = self._redact(f"no connection: {error.__cause__ or error}")
            return Fault("model_unreachable", detail, is_of_endpoint=True, requests=tries)
        except (json.JSONDecodeError, UnicodeDecodeError, openai.APIError) as error:
            return Fault("answer_malformed", self._redact(f"the response can't be read: {error}"), requests=1)

    def _parameters(self, messages: Sequence[dict[str, str]]) -> dict[str, Any]:
        parameters: dict[str, Any] = {"model": self._settings.model, "messages": list(messages)}
        if self._settings.temperature is not None:
            parameters["temperature"] = self._settings.temperature
        return parameters | {"response_format": response_format()}

    def _status_fault(self, error: Any, tries: int) -> Fault:
        status = error.status_code
        is_lasting = status in (401, 403, 404)
        is_of_endpoint = is_lasting or status in (408, 409, 425, 429) or status >= 500
        detail = self._redact(" ".join(str(error.message).split()))[:300]
        requests = tries if is_of_endpoint and not is_lasting else 1
        return Fault(f"model_http_{status}", detail, is_of_endpoint, is_lasting, requests=requests)

    def _redact(self, text: str) -> str:
        """Take the key out of what a server repeats of it."""
        return text.replace(self._settings.key, "***") if self._settings.key else text


def _add_cost(outcome: Answer | Fault, earlier: Answer | Fault) -> Answer | Fault:
    """Add what an earlier try cost."""
    return replace(
        outcome,
        prompt_tokens=outcome.prompt_tokens + earlier.prompt_tokens,
        completion_tokens=outcome.completion_tokens + earlier.completion_tokens,
        requests=outcome.requests + earlier.requests,
    )
