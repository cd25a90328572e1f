"""Fingerprints of a text: one for equality, one for near-duplicates."""

from __future__ import annotations

import hashlib
import re

import numpy as np

HASHES = 16
SHINGLE_WORDS = 5
_WORD = re.compile(r"\w+")
# odd multipliers and offsets of the hash family, fixed for ever: signatures of different loads are compared
_SEEDS = np.frombuffer(
    b"".join(hashlib.sha256(f"armsledger minhash {i}".encode()).digest()[:16] for i in range(HASHES)), dtype="<u8"
).reshape(HASHES, 2)
_MULTIPLIERS = (_SEEDS[:, 0] | np.uint64(1)).reshape(HASHES, 1)
_OFFSETS = _SEEDS[:, 1].reshape(HASHES, 1)


def fold_words(text: str) -> list[str]:
    """Return the words of a text without case and punctuation.

    >>> fold_words("Radar-Systeme, 24 Stück.")
    ['radar', 'systeme', '24', 'stück']
    """
    return _WORD.findall(text.casefold())


def text_hash(text: str) -> str:
    """Return 16 hexadecimal digits that are equal for texts which differ in case, punctuation and space only.

    >>> text_hash("Ten jets, delivered.") == text_hash("ten  jets delivered")
    True
    """
    return hashlib.sha256(" ".join(fold_words(text)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def text_signature(text: str) -> list[int]:
    """Return the MinHash signature of a text: 16 unsigned 64-bit values over shingles of five words.

    The share of equal values of two texts estimates the Jaccard similarity of their shingle sets (Broder 1997),
    with a standard error of at most 0.125. A text of fewer than five words has one shingle.
    """
    words = fold_words(text)
    shingles = {
        " ".join(words[start : start + SHINGLE_WORDS]) for start in range(max(1, len(words) - SHINGLE_WORDS + 1))
    }
    digests = b"".join(
        hashlib.blake2b(shingle.encode("utf-8", "surrogatepass"), digest_size=8).digest() for shingle in shingles
    )
    values = np.frombuffer(digests, dtype="<u8").reshape(1, -1)
    with np.errstate(over="ignore"):
        mixed = values * _MULTIPLIERS + _OFFSETS
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
    return [int(value) for value in mixed.min(axis=1)]
