"""bench/summary: bench/results/README.md, from all results."""
