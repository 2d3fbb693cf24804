"""What every benchmark shares: a quiet machine, a fresh file system, paired rounds, figures, reports."""
