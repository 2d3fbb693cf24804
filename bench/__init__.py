"""Benchmarks of swift-uring-io. Each sub-package is one benchmark; `common` holds what they share."""
