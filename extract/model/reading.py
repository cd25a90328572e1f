"""Articles to checked claims of a model, with everything that was refused and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.model.answers import Answer, AnswerStore, Fault
from extract.model.checking import check_answer
from extract.model.client import ask
from extract.model.question import MAX_CHARACTERS, Question, build_question
from extract.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from extract.claims import ArticleText, Claim
    from extract.model.settings import ModelSettings


@dataclass(frozen=True)
class ReadArticle:
    """What the model gave for one article.

    Attributes:
        claims: claims that hold.
        refusals: what was left out, and why.
        is_answered: whether the model answered; an article in a language other than English isn't asked about.
        told: claims that the model told before they were checked.
    """

    claims: tuple[Claim, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    is_answered: bool = False
    told: int = 0


@dataclass(frozen=True)
class Usage:
    """What asking cost.

    Attributes:
        asked: articles that the model was asked about in this run.
        kept: articles whose answer was kept from an earlier run.
        failed: articles without an answer.
        requests: requests, retries included.
        prompt_tokens: tokens read, as the endpoint counted them.
        completion_tokens: tokens written.
    """

    asked: int = 0
    kept: int = 0
    failed: int = 0
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Add what other articles cost."""
        return Usage(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    def __str__(self) -> str:
        """Return the cost in words."""
        return (
            f"{self.asked} articles asked about, {self.kept} answers kept from before, {self.failed} unanswered; "
            f"{self.requests} requests, {self.prompt_tokens:,} tokens read, {self.completion_tokens:,} written"
        )


@dataclass(frozen=True)
class BatchReading:
    """What the model gave for several articles.

    Attributes:
        articles: one result per article, in their order.
        usage: what it cost.
        fault: why the endpoint is of no use now, or None.
    """

    articles: tuple[ReadArticle, ...]
    usage: Usage
    fault: Fault | None


def read_articles(settings: ModelSettings, folder: Path, articles: Sequence[ArticleText]) -> BatchReading:
    """Ask the model about articles, or find its kept answers, and check what it told.

    Args:
        settings: which model, and where.
        folder: where answers are kept.
        articles: articles; only English ones are asked about, as the rules read no others.
    """
    questions = [_question(settings, article) for article in articles]
    asked = ask(settings, AnswerStore(folder), [q for q in questions if isinstance(q, Question)])
    results = tuple(_result(question, asked.outcomes) for question in questions)
    fresh = [outcome for name, outcome in asked.outcomes.items() if name not in asked.kept]
    usage = Usage(
        asked=sum(q.hash not in asked.kept for q in questions if isinstance(q, Question)),
        kept=sum(q.hash in asked.kept for q in questions if isinstance(q, Question)),
        failed=sum(bool(r.refusals) and not r.is_answered for r in results),
        requests=sum(outcome.requests for outcome in fresh),
        prompt_tokens=sum(outcome.prompt_tokens for outcome in fresh),
        completion_tokens=sum(outcome.completion_tokens for outcome in fresh),
    )
    faults = [outcome for outcome in fresh if isinstance(outcome, Fault)]
    return BatchReading(results, usage, faults[0] if faults and not asked.is_available else None)


def _question(settings: ModelSettings, article: ArticleText) -> Question | Refusal | None:
    """Return what is asked about an article; why it isn't, if that is to be told; None where nothing is to be read."""
    if article.language != "en" or not (article.title or article.text):
        return None
    length = len(article.title) + len(article.text)
    if length > MAX_CHARACTERS:
        return Refusal("article_too_long", f"{length} characters; a model is asked about {MAX_CHARACTERS} at most")
    return build_question(article, model=settings.model, temperature=settings.temperature)


def _result(question: Question | Refusal | None, outcomes: dict[str, Answer | Fault]) -> ReadArticle:
    if question is None:
        return ReadArticle()
    if isinstance(question, Refusal):
        return ReadArticle(refusals=(question,))
    withheld = tuple(
        Refusal("instruction_withheld", f"a paragraph of the {name} speaks to a machine: {one.words!r}")
        for name, found in question.withheld.items()
        for one in found
    )
    outcome = outcomes[question.hash]
    if isinstance(outcome, Fault):
        return ReadArticle(refusals=(*withheld, Refusal(outcome.reason, outcome.detail)))
    checked = check_answer(question, outcome)
    return ReadArticle(checked.claims, (*withheld, *checked.refusals), is_answered=True, told=len(outcome.claims))
