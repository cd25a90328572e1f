#!/usr/bin/env python3
# ruff: noqa
"""Score predicted arms-transfer events against a labelled set.

    python3 score.py predictions.jsonl [--labels labels.jsonl] [--json] [--errors N]
    python3 score.py --selftest

predictions.jsonl holds one object per article: {"id": "...", "events": [...]}.
The rules are described in README.md. Standard library only.
"""
import argparse
import copy
import json
import os
import re
import sys
import unicodedata
from collections import Counter, defaultdict

HERE = os.path.dirname(os.path.abspath(__file__))
SCORED = ("status", "quantity", "value_amount", "value_currency",
          "order_year", "delivery_year", "category")
SIDE = ("deal_type", "condition")          # reported where the label has a value
VALUE_TOLERANCE = 0.02

# ------------------------------------------------------------ normalisation

_FOLD = str.maketrans({"ı": "i", "İ": "i", "ø": "o", "Ø": "o", "ł": "l",
                       "Ł": "l", "đ": "d", "Đ": "d", "ß": "ss", "æ": "ae"})


def fold(text):
    text = str(text).translate(_FOLD)
    text = unicodedata.normalize("NFKD", text)
    return "".join(c for c in text if not unicodedata.combining(c)).lower()


def squash(text):
    return re.sub(r"[^a-z0-9]", "", fold(text))


_ACTOR_NOISE = re.compile(
    r"\b(the|rebels?|movement|forces?|militia|group|organi[sz]ation|mission)\b")


def actor_key(name):
    """Code or short name of a supplier or recipient, in comparable form."""
    if name is None or not str(name).strip():
        return None
    raw = fold(name).strip()
    key = squash(_ACTOR_NOISE.sub(" ", raw)) or squash(raw)
    return key[:-1] if len(key) > 4 and key.endswith("s") else key


_VARIANT = re.compile(
    r"(?<=\s)(block|mk|mark|mod|batch|tranche|increment|version|flight)"
    r"[\s.\-]*(\d+[a-z0-9/+\-]*|[ivx]+)\b")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_NO_NAME = {
    "type", "project", "class", "super", "ground", "master", "block", "light",
    "aircraft", "fighter", "helicopter", "missile", "missiles", "tank", "tanks",
    "system", "systems", "radar", "vehicle", "vehicles", "launcher", "ship",
    "boat", "vessel", "patrol", "armoured", "armored", "carrier", "howitzer",
    "gun", "rocket", "torpedo", "frigate", "corvette", "submarine", "trainer",
    "naval", "family", "black", "blue", "improved", "guided", "combat", "main",
    "battle", "weapon", "self", "propelled", "defence", "defense", "drone",
}


def designation(text):
    """(squashed text, codes, names): names map to a bound number or None."""
    raw = fold(text)
    raw = re.sub(r"\([^)]*\)", " ", raw)
    raw = _VARIANT.sub(" ", raw)
    tokens = []
    for tok in raw.split():
        tok = re.sub(r"[^a-z0-9]", "", tok)
        if tok:
            tokens.append(tok)
    codes, names = set(), {}
    prev = None
    for tok in tokens:
        if prev is not None and tok in _ROMAN:
            tok = _ROMAN[tok]
        m = re.fullmatch(r"([a-z]+)(\d+)([a-z].*)?", tok)
        d = re.match(r"\d+", tok)
        if m:
            codes.add(m.group(1) + m.group(2))
            if len(m.group(1)) >= 4 and m.group(1) not in _NO_NAME:
                names[m.group(1)] = m.group(2)
            elif names.get(prev, "") is None:       # "Mirage F1", "Galeb G-4"
                names[prev] = m.group(1) + m.group(2)
            prev = None
        elif d and prev is not None:
            codes.add(prev + d.group(0))
            if prev in names:
                names[prev] = d.group(0)
            prev = None
        elif d:
            if len(tok) >= 3 and not tok.isdigit() and not tok.endswith("mm"):
                codes.add(tok)
            prev = None
        else:
            if len(tok) >= 4 and tok not in _NO_NAME:
                names.setdefault(tok, None)
            prev = tok
    return squash(text), codes, names


def is_generic(weapon):
    """Generic types are written in lower case and carry no number."""
    w = str(weapon or "").strip()
    return bool(w) and w == w.lower() and not re.search(r"\d", w)


def same_designation(a, b):
    sa, ca, na = designation(a)
    sb, cb, nb = designation(b)
    if sa and sa == sb:
        return True
    if ca & cb:
        return True
    for name in na.keys() & nb.keys():
        if na[name] is None or nb[name] is None or na[name] == nb[name]:
            return True
    return False


def as_list(value):
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def accepted(label, field):
    out = [label.get(field)]
    if field + "_alt" in label:
        alt = label[field + "_alt"]
        out += alt if isinstance(alt, list) else [alt]
    return out


# ------------------------------------------------------------ comparison


def actor_ok(pred, label, field):
    key = actor_key(pred)
    return any(key == actor_key(v) for v in accepted(label, field))


def category_ok(pred, label):
    return pred.get("category") in accepted(label, "category")


def weapon_ok(pred, label):
    pw = pred.get("weapon")
    if pw is None or not str(pw).strip():
        return False
    names = [label.get("weapon")] + as_list(label.get("weapon_alt"))
    for lw in names:
        if squash(pw).rstrip("s") == squash(lw).rstrip("s"):
            return True
        if not is_generic(lw) and not is_generic(pw) and same_designation(pw, lw):
            return True
    return is_generic(label.get("weapon")) and category_ok(pred, label)


def same_number(a, b, tolerance=0.0):
    if a is None or b is None:
        return a is None and b is None
    try:
        a, b = float(a), float(b)
    except (TypeError, ValueError):
        return False
    return abs(a - b) <= tolerance * abs(b) + 1e-9


def field_ok(pred, label, field):
    value = pred.get(field)
    if field == "quantity" or field.endswith("_year"):
        return any(same_number(value, v) for v in accepted(label, field))
    if field == "value_amount":
        return any(same_number(value, v, VALUE_TOLERANCE)
                   for v in accepted(label, field))
    if field == "value_currency":
        value = str(value).upper() if value else None
        return value in accepted(label, field)
    return value in accepted(label, field)


def event_match(pred, label):
    return (actor_ok(pred.get("supplier"), label, "supplier")
            and actor_ok(pred.get("recipient"), label, "recipient")
            and weapon_ok(pred, label))


def inverted(pred, label):
    return (actor_ok(pred.get("supplier"), label, "recipient")
            and actor_ok(pred.get("recipient"), label, "supplier")
            and weapon_ok(pred, label))


def pair_up(preds, labels):
    """Greedy one-to-one pairs; labels that count go before optional ones."""
    cand = []
    for i, p in enumerate(preds):
        for j, l in enumerate(labels):
            if event_match(p, l):
                agree = sum(field_ok(p, l, f) for f in SCORED)
                exact = squash(p.get("weapon")) == squash(l.get("weapon"))
                cand.append((bool(l.get("optional")), -agree, not exact, i, j))
    cand.sort()
    used_p, used_l, pairs = set(), set(), []
    for _, _, _, i, j in cand:
        if i not in used_p and j not in used_l:
            used_p.add(i)
            used_l.add(j)
            pairs.append((i, j))
    return pairs


# ------------------------------------------------------------ scoring


def ratio(a, b):
    return a / b if b else 0.0


def score(pred_by_id, label_by_id):
    tp = fp = fn = inversions = all_right = 0
    opt_hit = 0
    right, total = Counter(), Counter()
    side_right, side_total = Counter(), Counter()
    by = {k: defaultdict(lambda: [0, 0]) for k in ("status", "category", "headline")}
    negatives = negatives_hit = 0
    articles = []
    for aid, labels in label_by_id.items():
        preds = pred_by_id.get(aid, [])
        pairs = pair_up(preds, labels)
        hit_p = {i for i, _ in pairs}
        hit_l = {j for _, j in pairs}
        for i, j in pairs:
            p, l = preds[i], labels[j]
            if l.get("optional"):
                opt_hit += 1
                continue
            tp += 1
            flags = {f: field_ok(p, l, f) for f in SCORED}
            for f, ok in flags.items():
                total[f] += 1
                right[f] += ok
            all_right += all(flags.values())
            for f in SIDE:
                if l.get(f) is not None:
                    side_total[f] += 1
                    side_right[f] += p.get(f) in accepted(l, f)
        for j, l in enumerate(labels):
            if not l.get("optional"):
                for k in by:
                    cell = by[k][str(l.get(k))]
                    cell[1] += 1
                    cell[0] += j in hit_l
        missed = [l for j, l in enumerate(labels)
                  if j not in hit_l and not l.get("optional")]
        spurious = [p for i, p in enumerate(preds) if i not in hit_p]
        fn += len(missed)
        fp += len(spurious)
        free = [l for j, l in enumerate(labels) if j not in hit_l]
        for p in spurious:
            for k, l in enumerate(free):
                if inverted(p, l):
                    inversions += 1
                    free.pop(k)
                    break
        if not any(not l.get("optional") for l in labels):
            negatives += 1
            negatives_hit += bool(spurious)
        if missed or spurious:
            articles.append({"id": aid, "missed": missed, "spurious": spurious})
    precision, recall = ratio(tp, tp + fp), ratio(tp, tp + fn)
    articles.sort(key=lambda a: (-len(a["missed"]) - len(a["spurious"]), a["id"]))
    return {
        "articles": len(label_by_id),
        "tp": tp, "fp": fp, "fn": fn, "optional_matched": opt_hit,
        "precision": precision, "recall": recall,
        "f1": ratio(2 * precision * recall, precision + recall),
        "all_fields_right_rate": ratio(all_right, tp),
        "field_accuracy": {f: ratio(right[f], total[f]) for f in SCORED},
        "side_accuracy": {f: ratio(side_right[f], side_total[f]) for f in SIDE},
        "inversions": inversions,
        "negatives": negatives,
        "negatives_with_false_positive": negatives_hit,
        "negative_false_positive_rate": ratio(negatives_hit, negatives),
        "recall_by": {k: {v: {"found": c[0], "of": c[1], "recall": ratio(*c)}
                          for v, c in sorted(by[k].items())} for k in by},
        "error_articles": articles,
    }


# ------------------------------------------------------------ input, output


def read(path):
    out = {}
    with open(path, encoding="utf-8") as handle:
        for n, line in enumerate(handle, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as exc:
                sys.exit(f"{path}:{n}: not JSON: {exc}")
            if not isinstance(row, dict) or "id" not in row:
                sys.exit(f"{path}:{n}: no id")
            if row["id"] in out:
                sys.exit(f"{path}:{n}: id {row['id']} given twice")
            out[row["id"]] = [e for e in row.get("events") or [] if isinstance(e, dict)]
    return out


def brief(e):
    q = e.get("quantity")
    parts = [f"{e.get('supplier')}>{e.get('recipient')}", str(e.get("weapon")),
             str(e.get("status"))]
    if q is not None:
        parts.append(f"x{q}")
    if e.get("value_amount") is not None:
        parts.append(f"{e['value_amount']} {e.get('value_currency')}")
    if e.get("order_year"):
        parts.append(f"ordered {e['order_year']}")
    if e.get("delivery_year"):
        parts.append(f"delivered {e['delivery_year']}")
    return " | ".join(parts)


def show(res, errors):
    print(f"articles {res['articles']}   TP {res['tp']}  FP {res['fp']}  FN {res['fn']}"
          f"   (optional matched, not counted: {res['optional_matched']})")
    print(f"precision {res['precision']:.3f}   recall {res['recall']:.3f}"
          f"   F1 {res['f1']:.3f}   on (supplier, recipient, weapon)")
    print(f"all fields right on matches  {res['all_fields_right_rate']:.3f}")
    for f, v in res["field_accuracy"].items():
        print(f"  {f:<15} {v:.3f}")
    print("where the label has a value: " + ", ".join(
        f"{f} {v:.3f}" for f, v in res["side_accuracy"].items()))
    print(f"supplier/recipient inversions  {res['inversions']}")
    print(f"negatives with a false positive  {res['negatives_with_false_positive']}"
          f" of {res['negatives']}  ({res['negative_false_positive_rate']:.3f})")
    for k, cells in res["recall_by"].items():
        print(f"recall by {k}: " + ", ".join(
            f"{v} {c['recall']:.2f} ({c['found']}/{c['of']})" for v, c in cells.items()))
    for a in res["error_articles"][:errors]:
        print(f"\n{a['id']}: {len(a['missed'])} missed, {len(a['spurious'])} spurious")
        for e in a["missed"]:
            print("  - " + brief(e))
            if e.get("evidence"):
                print("      " + e["evidence"][:160])
        for e in a["spurious"]:
            print("  + " + brief(e))
            if e.get("evidence"):
                print("      " + str(e["evidence"])[:160])


def selftest(labels):
    real = lambda l: [e for e in l if not e.get("optional")]
    perfect = score(copy.deepcopy(labels), labels)
    for key in ("precision", "recall", "f1", "all_fields_right_rate"):
        assert perfect[key] == 1.0, (key, perfect[key])
    assert all(v == 1.0 for v in perfect["field_accuracy"].values())
    assert perfect["inversions"] == 0 and perfect["negative_false_positive_rate"] == 0
    required = score({k: real(v) for k, v in labels.items()}, labels)
    assert required["f1"] == 1.0 and required["all_fields_right_rate"] == 1.0
    empty = score({}, labels)
    assert empty["recall"] == 0 and empty["fp"] == 0 and empty["f1"] == 0
    assert empty["fn"] == sum(len(real(v)) for v in labels.values())
    turned = {k: [dict(e, supplier=e["recipient"], recipient=e["supplier"])
                  for e in real(v)] for k, v in labels.items()}
    inv = score(turned, labels)
    n = sum(len(v) for v in turned.values())
    assert inv["tp"] <= 0.02 * n, inv["tp"]
    assert inv["inversions"] >= 0.97 * n, (inv["inversions"], n)
    for a, b, want in (("F-16C Block 52", "F-16", True), ("Su-30MK2", "Su30 SM", True),
                       ("Leopard 2A4", "Leopard 2A6", True), ("Leopard 1", "Leopard 2", False),
                       ("M1A1 Abrams", "Abrams", True), ("MiG-21", "MiG-29", False),
                       ("Type 053H3", "Type 056", False), ("Piranha III", "Piranha V", False),
                       ("Bayraktar TB2", "TB-2", True), ("Mirage F1", "Mirage 2000", False),
                       ("RBS15 Mk3", "RBS 15", True), ("Super Tucano", "Super Lynx", False)):
        assert same_designation(a, b) is want, (a, b)
    print(f"selftest passed: {len(labels)} articles, {n} events that count")


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("predictions", nargs="?")
    ap.add_argument("--labels", default=os.path.join(HERE, "labels.jsonl"))
    ap.add_argument("--json", action="store_true", help="print one JSON object")
    ap.add_argument("--errors", type=int, default=0, metavar="N",
                    help="list the N articles with most errors")
    ap.add_argument("--selftest", action="store_true")
    args = ap.parse_args(argv)
    labels = read(args.labels)
    if args.selftest:
        selftest(labels)
        return 0
    if not args.predictions:
        ap.error("a predictions file is needed")
    preds = read(args.predictions)
    unknown = sorted(set(preds) - set(labels))
    if unknown:
        print(f"warning: {len(unknown)} ids without labels ignored: "
              + ", ".join(unknown[:5]), file=sys.stderr)
    absent = len(set(labels) - set(preds))
    if absent:
        print(f"warning: {absent} articles without predictions count as empty",
              file=sys.stderr)
    res = score(preds, labels)
    if args.json:
        res["error_articles"] = res["error_articles"][:args.errors]
        print(json.dumps(res, ensure_ascii=False, indent=1))
    else:
        show(res, args.errors)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
