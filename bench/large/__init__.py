"""bench/large: copies of one large file, beside GNU cp, dd and the device's limit."""
