"""What a run tells of itself while it works: its id, metrics, log lines and lineage.

Everything here follows from the facts that stages append to ``ops``: one hook in ``ops.append`` and no call in the
stages, so a new stage is observed from its first fact on, in a task as in a command. Nothing here may stop the work:
what can't be told is left untold, with a line in Python's log.
"""
