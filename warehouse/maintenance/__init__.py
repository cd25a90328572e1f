"""What keeps a data directory small over years: compaction of small files, and retention."""
