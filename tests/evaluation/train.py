"""Train the extractor's weights on the labelled texts: ``make train``.

Training texts are ``training/`` and the tuning part of ``devset/``; the validation part and the held-out set are never
read. Four things are trained, each on what the one before says of texts that it has not seen (cross-fitting):

1. the weights of pairs: for each weapon of a sentence, which supplier and recipient are told of it, or none
   (conditional logit, L2). Right is what a label that quotes the sentence names; where none quotes it, what any label
   of the article names. First in the light of what the rules told before, then once more in the light of what such
   weights chose before, as it is at run time;
2. the joiner: whether two tellings of the same parties and weapon are one deal (gradient boosting);
3. the forest over candidate deals: gradient boosting on what the pairs' weights say of the whole article;
4. the weights of details of candidate deals that a label tells: of the numbers, years and prices around, which one is
   the deal's, or none (conditional logit, L2); and the status (logistic regression, L2).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import score
from measures import is_validation, list_events, measure
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from extract.claims.assemble import find_details, group_tellings
from extract.claims.engine import read_article, walk
from extract.claims.exchange import read_article_lines
from extract.claims.segment import split_sentences
from extract.claims.weighing.attach import Attacher, is_past, list_parts
from extract.claims.weighing.deals import describe_groups
from extract.claims.weighing.features import describe_actor, describe_mention, describe_pair
from extract.claims.weighing.forest import Forest
from extract.claims.weighing.joining import SAME, compare, is_same_family, parties_of
from extract.claims.weighing.models import ACCEPT, MODELS, Models
from extract.claims.weighing.scene import find_mentions, list_parties
from extract.claims.weighing.scorer import PairWeights, Scorer
from extract.claims.weighing.sequel import Before
from extract.claims.weighing.statuses import describe_status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from measures import Events, Result

    from extract.claims.engine import Reading
    from extract.claims.model import Actor, ArticleText
    from extract.claims.segment import Sentence
    from extract.claims.tellings import Telling
    from extract.claims.weighing.attach import Surroundings
    from extract.claims.weighing.scene import Scene

HERE = Path(__file__).resolve().parent
FOLDS = 4  # parts of the texts for cross-fitting
_PAIR_PENALTY = 10.0  # strength of the L2 penalty; chosen by cross-validation on the training texts
_DETAIL_PENALTY = 7.0  # the same for numbers, years and prices
_STATUS_C = 0.1  # inverse strength of the L2 penalty of the status
_PAIR_COUNT, _DETAIL_COUNT = 4, 4  # a feature seen less often gets no weight
_JOINED_FROM = 0.2  # probability of a telling from which it teaches which ones are joined
_NUMERIC = {"quantity": "quantity", "order": "order_year", "delivery": "delivery_year", "price": "value_amount"}
_CUT = "/"  # between the id of an article and the number of a sentence cut from it
Label = dict[str, Any]
Row = tuple[list[str], Any]


@dataclass
class Recorder:
    """A chooser that records every candidate pair with its label.

    Attributes:
        text: text of the article.
        labels: its labels.
        scorer: what chooses; without one, what the rules told stands.
        mentions: features of each candidate of each weapon, and whether it is right.
    """

    text: str
    labels: list[Label]
    scorer: Scorer | None = None
    mentions: list[list[Row]] = field(default_factory=list)

    def choose(self, scene: Scene, tellings: list[Telling]) -> list[Telling]:
        """Record the candidates of a sentence."""
        before = Before.earlier(scene.context)
        quoting = _find_quoting(self.text, self.labels, scene.parsed.sentence)
        for mention in find_mentions(scene, tellings):
            base = [f"M{f}" for f in describe_mention(scene, mention)]
            givers, takers = list_parties(scene, mention)
            seen = {a: describe_actor(scene, mention, a) for a in dict.fromkeys((*givers, *takers)) if a}
            event = {"weapon": mention.name, "category": mention.entry.category}
            here = [label for label in quoting if score.weapon_ok(event, label)]
            rows: list[Row] = []
            for giver in givers:
                for taker in takers:
                    hits = find_hits(giver, taker, mention.name, mention.entry.category, self.labels)
                    if giver == taker or _is_moot(hits, here, scene):
                        continue
                    features = [*base, *(f"R{f}" for f in seen[taker])]
                    if giver:
                        features += [f"S{f}" for f in seen[giver]]
                    features += [f"P{f}" for f in describe_pair(scene, mention, giver, taker, before)]
                    rows.append((features, int(bool(hits))))
            if rows:
                self.mentions.append(rows)
            chosen = mention.told if self.scorer is None else self.scorer.choose_pairs(scene, mention, before)
            before = Before.of(mention, chosen) or before
        return tellings if self.scorer is None else self.scorer.choose(scene, tellings)


def _find_quoting(text: str, labels: list[Label], sentence: Sentence) -> list[Label]:
    """Labels whose evidence a sentence of the text holds or is part of."""
    if sentence.field != "text":
        return []
    starts = [(label, text.find(label["evidence"])) for label in labels]
    return [
        label
        for label, start in starts
        if start >= 0 and start < sentence.end and start + len(label["evidence"]) > sentence.start
    ]


def _is_moot(hits: list[Label], here: list[Label], scene: Scene) -> bool:
    """Whether a pair that some labels name teaches nothing about this sentence.

    The labels are optional; or the sentence tells another transfer of the weapon, and these are told elsewhere; or it
    tells none that a label quotes, and names neither party.

    Args:
        hits: labels with the pair and the weapon.
        here: labels of the weapon that quote the sentence.
        scene: the sentence.
    """
    if not hits:
        return False
    if all(label.get("optional") for label in hits):
        return True
    if here:
        return not any(label in here for label in hits)
    return not any(label[role] in scene.places for label in hits for role in ("supplier", "recipient"))


@dataclass
class Candidates:
    """Candidate deals of one article, as weights say that were trained without it.

    Attributes:
        text: text of the article.
        is_cut: whether the article is one sentence cut from another.
        groups: tellings by deal.
        hits: labels that match each deal.
        around: the article's sentences.
    """

    text: str
    is_cut: bool
    groups: list[list[Telling]]
    hits: list[list[Label]]
    around: Surroundings


def find_hits(
    giver: Actor | None, taker: Actor | None, weapon: str, category: str, labels: Iterable[Label]
) -> list[Label]:
    """Labels with these parties and this weapon."""
    codes = [actor.code if actor else None for actor in (giver, taker)]
    event = {"supplier": codes[0], "recipient": codes[1], "weapon": weapon, "category": category}
    return [label for label in labels if score.event_match(event, label)]


def read_texts() -> tuple[dict[str, Reading], dict[str, list[Label]]]:
    """Read the training texts and their labels, by article; each labelled sentence also stands as a text of its own."""
    readings: dict[str, Reading] = {}
    labels: dict[str, list[Label]] = {}
    for folder in (HERE / "devset", HERE / "training"):
        told = score.read(folder / "labels.jsonl")
        for line in read_article_lines(folder / "articles.jsonl"):
            if folder.name == "training" or not is_validation(line.id):
                readings[line.id] = read_article(line.article)
                labels[line.id] = told[line.id]
                for key, reading, here in _cut_sentences(line.id, line.article, told[line.id]):
                    readings[key], labels[key] = reading, here
    return readings, labels


def _cut_sentences(key: str, article: ArticleText, labels: list[Label]) -> Iterable[tuple[str, Reading, list[Label]]]:
    """Sentences that stand for themselves: those that a label quotes, and those about weapons that none names.

    A label whose parties the sentence doesn't name is optional there: it may be found or not.
    """
    for number, sentence in enumerate(split_sentences(article.text)):
        text = article.text[sentence.start : sentence.end]
        quoting = [label for label in labels if label.get("evidence") == text]
        reading = read_article(replace(article, title="", text=text))
        if reading.refusal is None and (quoting or not _names_told(reading, labels)):
            named = _named(reading)
            here = [
                label if {label["supplier"], label["recipient"]} <= named else label | {"optional": True}
                for label in quoting
            ]
            yield f"{key}{_CUT}{number}", reading, here


def _names_told(reading: Reading, labels: list[Label]) -> bool:
    """Whether a text names a weapon of which some label tells a transfer."""
    items = [i for parsed, _ in reading.sentences for i in parsed.items if i.weapon is not None]
    events = [{"weapon": i.designation, "category": i.weapon.category} for i in items if i.weapon is not None]
    return any(score.weapon_ok(event, label) for event in events for label in labels)


def _named(reading: Reading) -> set[str | None]:
    """Codes of the actors that a text names, and of the countries that its weapons come from."""
    items = [item for parsed, _ in reading.sentences for item in parsed.items]
    actors = [a for i in items for a in (i.actor, *i.owners, *i.demonyms, *i.makers) if a is not None]
    return {actor.code for actor in actors} | {i.weapon.origin for i in items if i.weapon is not None}


def fold_of(key: str) -> int:
    """Fold of an article, from its id alone; its sentences are in the same."""
    return hashlib.sha256(key.split(_CUT, maxsplit=1)[0].encode()).digest()[0] % FOLDS


def fit_linear(rows: Sequence[Row], strength: float, least: int) -> dict[Any, dict[str, float]]:
    """Fit a logistic model on sets of features.

    Args:
        rows: features and class of each case.
        strength: inverse strength of the penalty.
        least: how often a feature must occur.

    Returns:
        Weights by class and feature; of two classes only the latter's.
    """
    names, matrix = _encode([features for features, _ in rows], least)
    model = LogisticRegression(C=strength, max_iter=400, fit_intercept=False).fit(matrix, [r[1] for r in rows])
    classes = model.classes_ if len(model.classes_) > 2 else model.classes_[1:]
    return {
        kind: {name: round(float(w), 3) for name, w in zip(names, weights, strict=True) if abs(w) >= 0.001}
        for kind, weights in zip(classes, model.coef_, strict=True)
    }


def fit_choice(cases: Sequence[Sequence[Row]], penalty: float, least: int) -> dict[str, float]:
    """Fit a conditional logit (McFadden 1974): which of some rivals is right, or none, whose log-odds are 0.

    Where several are right their probabilities add up.

    Args:
        cases: features of each rival in each case (pairs of a weapon, numbers near a deal), and whether it is right.
        penalty: strength of the L2 penalty.
        least: how often a feature must occur.

    Returns:
        Weights by feature.
    """
    names, matrix = _encode([features for rows in cases for features, _ in rows], least)
    right = np.array([is_right for rows in cases for _, is_right in rows], dtype=float)
    sizes = np.array([len(rows) for rows in cases])
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    has_right = np.add.reduceat(right, starts) > 0
    transposed = matrix.T.tocsr()

    def lose(weights: Any) -> tuple[float, Any]:
        odds = matrix @ weights
        top = np.maximum(np.maximum.reduceat(odds, starts), 0)
        shares = np.exp(odds - np.repeat(top, sizes))
        whole = np.exp(-top) + np.add.reduceat(shares, starts)
        told = np.where(has_right, np.add.reduceat(shares * right, starts), np.exp(-top))
        meant = np.where(np.repeat(has_right, sizes), shares * right / np.repeat(told, sizes), 0)
        slope = transposed @ (shares / np.repeat(whole, sizes) - meant)
        loss = np.sum(np.log(whole) - np.log(told)) + penalty / 2 * weights @ weights
        return float(loss), slope + penalty * weights

    fitted = minimize(lose, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
    return {name: round(float(w), 3) for name, w in zip(names, fitted, strict=True) if abs(w) >= 0.001}


def _encode(cases: Sequence[Sequence[str]], least: int) -> tuple[list[str], Any]:
    """Names of the features that occur often enough, and a sparse matrix of ones, a row for each case."""
    counts = Counter(f for features in cases for f in set(features))
    names = sorted(f for f, n in counts.items() if n >= least)
    index = {name: number for number, name in enumerate(names)}
    places: list[int] = []
    ends = [0]
    for features in cases:
        places += sorted({index[f] for f in features if f in index})
        ends.append(len(places))
    return names, csr_matrix((np.ones(len(places), dtype=np.float32), places, ends), shape=(len(cases), len(names)))


def fit_forest(candidates: Sequence[Candidates]) -> Forest:
    """Fit the boosted trees over candidate deals; those that match only optional labels count neither way."""
    rows, right = [], []
    for one in candidates:
        for row, hits in zip(describe_groups(one.groups), one.hits, strict=True):
            if not hits or any(not label.get("optional") for label in hits):
                rows.append(row)
                right.append(bool(hits))
    return _fit_trees(rows, right, ACCEPT)


def _fit_trees(rows: Sequence[Sequence[float]], right: Sequence[bool], accept: float) -> Forest:
    """Fit boosted trees."""
    model = GradientBoostingClassifier(
        n_estimators=150,
        max_leaf_nodes=12,
        max_depth=None,
        learning_rate=0.05,
        min_samples_leaf=15,
        subsample=0.8,
        max_features=0.5,
        random_state=1,
    ).fit(np.array(rows), right)
    share = sum(right) / len(right)
    trees = tuple(_nodes(stage[0].tree_, model.learning_rate) for stage in model.estimators_)
    return Forest(trees, round(float(np.log(share / (1 - share))), 5), accept)


def fit_joiner(told: Iterable[tuple[list[Telling], list[Label], str]]) -> Forest:
    """Fit the trees that tell whether two tellings of the same parties and weapon are one deal.

    Args:
        told: tellings, labels and text of each article.
    """
    rows: list[list[float]] = []
    same: list[bool] = []
    for tellings, labels, text in told:
        groups: dict[tuple[str, str], list[Telling]] = {}
        for telling in tellings:
            if telling.odds.chance >= _JOINED_FROM:
                groups.setdefault(parties_of(telling), []).append(telling)
        for group in groups.values():
            meant = [_meant_label(t, labels, text) for t in group]
            for later, second in enumerate(group):
                for earlier, first in list(enumerate(group[:later]))[-6:]:
                    pair = (meant[earlier], meant[later])
                    if None not in pair and is_same_family(first.weapon.family, second.weapon.family):
                        rows.append(compare(first, second))
                        same.append(pair[0] == pair[1])
    return _fit_trees(rows, same, SAME)


def _meant_label(telling: Telling, labels: list[Label], text: str) -> int | None:
    """Number of the label that a telling tells; None where none or several may be meant.

    Of several with its parties and weapon the one that quotes its sentence, has its number, or has its year.
    """
    hits = [
        (number, label)
        for number, label in enumerate(labels)
        if find_hits(telling.supplier, telling.recipient, telling.designation, telling.weapon.category, [label])
    ]
    if len(hits) <= 1:
        return hits[0][0] if hits else None
    quantity = telling.count.most if telling.count else None
    year = telling.order_year.first if telling.order_year else None
    quoting = _find_quoting(text, [label for _, label in hits], telling.sentence)
    points = {
        number: (4 if label in quoting else 0)
        + (2 if quantity is not None and quantity == label.get("quantity") else 0)
        + (1 if year is not None and year == label.get("order_year") else 0)
        for number, label in hits
    }
    best = max(points.values())
    meant = [number for number, score_ in points.items() if score_ == best]
    return meant[0] if best and len(meant) == 1 else None


def _nodes(tree: Any, rate: float) -> tuple[tuple[int, float, int, int], ...]:
    """Nodes of a tree in the form of ``Forest``."""
    return tuple(
        (int(tree.feature[n]), round(float(tree.threshold[n]), 5), int(left), int(tree.children_right[n]))
        if left >= 0
        else (-1, round(float(tree.value[n][0][0]) * rate, 5), 0, 0)
        for n, left in enumerate(tree.children_left)
    )


def fit_details(candidates: Sequence[Candidates]) -> Attacher:
    """Fit the weights that choose numbers, years and prices, and then those of the status, which depends on them."""
    told = [
        (group, _narrow(group, hits, one.text), one.around)
        for one in candidates
        for group, hits in zip(one.groups, one.hits, strict=True)
        if hits
    ]
    choices: dict[str, list[list[Row]]] = {head: [] for head in _NUMERIC}
    for group, hits, around in told:
        for head, rows in _list_choices(group, around, hits).items():
            choices[head].append(rows)
    chooser = Attacher({head: fit_choice(choices[head], _DETAIL_PENALTY, _DETAIL_COUNT) for head in _NUMERIC})
    statuses = [_describe_told(group, around, hits, chooser) for group, hits, around in told]
    return Attacher(chooser.weights | fit_linear(statuses, _STATUS_C, _DETAIL_COUNT))


def _narrow(group: list[Telling], hits: list[Label], text: str) -> list[Label]:
    """The label that a candidate deal is meant by, where several have its parties and weapon and one fits best."""
    meant = {_meant_label(telling, hits, text) for telling in group} - {None}
    return [hits[number] for number in meant if number is not None] if len(meant) == 1 else hits


def _describe_told(group: list[Telling], around: Surroundings, hits: list[Label], chooser: Attacher) -> Row:
    """Features of a deal's status, and the status that a label has."""
    found = find_details(group)
    accepted = {status for label in hits for status in score.accepted(label, "status")}
    status = found.status if found.status in accepted else hits[0]["status"]
    return describe_status(group, found, chooser.choose_parts(group, found, around), around), status


def _list_choices(group: list[Telling], around: Surroundings, hits: list[Label]) -> dict[str, list[Row]]:
    """The parts of a deal that each detail may be, with whether a label has them; only details with such parts."""
    choices: dict[str, list[Row]] = {}
    for part in list_parts(group, find_details(group), around):
        year = part.year.first if part.year else None
        values = {
            "quantity": part.count.most if part.count else None,
            "order": year if part.year and is_past(part.year, around.year) else None,
            "delivery": year,
            "price": part.money.most if part.money else None,
        }
        for head, value in values.items():
            if value is not None:
                name = _NUMERIC[head]
                right = any(label.get(name) and score.field_ok({name: value}, label, name) for label in hits)
                choices.setdefault(head, []).append((list(part.features), int(right)))
    return choices


def train(readings: dict[str, Reading], labels: dict[str, list[Label]], leave_out: int | None = None) -> Models:
    """Train all weights.

    Args:
        readings: articles by id.
        labels: their labels.
        leave_out: fold whose texts aren't used at all, for cross-validation.
    """
    used = {key: r for key, r in readings.items() if r.refusal is None and fold_of(key) != leave_out}
    mentions: dict[str, list[list[Row]]] = {}
    for key, reading in used.items():
        recorder = Recorder(reading.article.text, labels[key])
        walk(reading, recorder)
        mentions[key] = recorder.mentions

    def fit_pairs(without: int | None) -> PairWeights:
        chosen = [rows for key in used if fold_of(key) != without for rows in mentions[key]]
        return PairWeights(fit_choice(chosen, _PAIR_PENALTY, _PAIR_COUNT))

    apart = {fold: fit_pairs(fold) for fold in range(FOLDS) if fold != leave_out}
    for key, reading in used.items():
        recorder = Recorder(reading.article.text, labels[key], Scorer(apart[fold_of(key)]))
        walk(reading, recorder)
        mentions[key] = recorder.mentions
    apart = {fold: fit_pairs(fold) for fold in range(FOLDS) if fold != leave_out}
    told = {key: walk(reading, Scorer(apart[fold_of(key)])) for key, reading in used.items()}
    joiner = fit_joiner((told[key], labels[key], reading.article.text) for key, reading in used.items())
    candidates = []
    for key, reading in used.items():
        groups = group_tellings(told[key], joiner)
        hits = [
            find_hits(
                group[0].supplier,
                group[0].recipient,
                max(group, key=lambda t: t.odds.chance).designation,
                group[0].weapon.category,
                labels[key],
            )
            for group in groups
        ]
        candidates.append(Candidates(reading.article.text, _CUT in key, groups, hits, reading.surroundings))
    whole = [one for one in candidates if not one.is_cut]
    return Models(fit_pairs(None), joiner, fit_forest(candidates), fit_details(whole))


def cross_validate() -> Result:
    """Score each training text by weights that were trained without its fold."""
    readings, labels = read_texts()
    found: Events = {}
    for fold in range(FOLDS):
        models = train(readings, labels, fold)
        for key, reading in readings.items():
            if fold_of(key) == fold and _CUT not in key:
                found[key] = list_events(reading.article, models)
    return measure("cross-validated", found, {key: labels[key] for key in found})


def hash_texts() -> str:
    """Hash of the labelled texts that are trained on."""
    digest = hashlib.sha256()
    for folder in ("devset", "training"):
        for name in ("articles.jsonl", "labels.jsonl"):
            digest.update((HERE / folder / name).read_bytes())
    return digest.hexdigest()[:16]


def dump_models(models: Models) -> str:
    """The weights as the package reads them."""
    content = {
        "texts": hash_texts(),
        "pairs": models.pairs.weights,
        "joiner": {"start": models.joiner.start, "trees": models.joiner.trees},
        "forest": {"start": models.forest.start, "trees": models.forest.trees},
        "details": models.attacher.weights,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=0) + "\n"


def main() -> None:
    """Train on all texts and write the weights into the package; the same texts and code give the same bytes."""
    readings, labels = read_texts()
    MODELS.write_text(dump_models(train(readings, labels)), encoding="utf-8")
    print(f"trained on {len(readings)} texts; wrote {MODELS.name}, {MODELS.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
