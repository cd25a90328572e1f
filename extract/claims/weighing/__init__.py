"""The trained part: pairs beside a weapon are weighed, deals are settled over the article, details are chosen.

Rules find the words, the predicates and the roles that a sentence tells. What they find, and where each actor stands,
are features here; the weights are trained on labelled texts (``make train``) and lie in ``models.json``.
"""
