"""bench/micro: what the library's pieces cost in instructions and allocations, beside a stored baseline."""
