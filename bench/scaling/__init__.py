"""How copying a tree scales: a model from small trees, checked with larger ones, and where it bends."""
