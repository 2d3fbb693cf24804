"""bench/plots: a result's paired ratios as a chart."""
