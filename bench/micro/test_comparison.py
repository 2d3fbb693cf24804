"""python3 -m unittest bench.micro.test_comparison, from the repository's root."""

import unittest

from .comparison import Cost, compare


class ComparisonTests(unittest.TestCase):
    BASELINE = {"load": Cost(1000, 10), "job": Cost(100, 0)}

    def _lines(self, **costs: Cost) -> list[str]:
        return compare(costs, self.BASELINE)

    def test_what_costs_as_much_passes(self):
        self.assertEqual(compare(self.BASELINE, self.BASELINE), [])

    def test_up_to_a_fifth_more_passes(self):
        self.assertEqual(self._lines(load=Cost(1200, 12)), [])

    def test_less_passes(self):
        self.assertEqual(self._lines(load=Cost(1, 0)), [])

    def test_more_than_a_fifth_more_instructions_fails_by_name(self):
        self.assertEqual(self._lines(load=Cost(1201, 10), job=Cost(100, 0)),
                         ["load: 1,201 instructions, +20%, baseline 1,000"])

    def test_more_than_a_fifth_more_allocations_fails(self):
        self.assertEqual(self._lines(load=Cost(1000, 12.1)),
                         ["load: 12.10 allocations, +21%, baseline 10.00"])

    def test_where_nothing_was_allocated_half_an_allocation_passes_and_one_fails(self):
        self.assertEqual(self._lines(job=Cost(100, 0.5)), [])
        self.assertEqual(self._lines(job=Cost(100, 1)), ["job: 1.00 allocations, baseline 0.00"])

    def test_each_that_became_dearer_is_named(self):
        self.assertEqual(len(self._lines(load=Cost(2000, 20), job=Cost(200, 0))), 3)

    def test_a_piece_without_a_baseline_fails(self):
        self.assertEqual(self._lines(new=Cost(1, 0)), ["new: not in the baseline"])

    def test_without_any_baseline_everything_fails(self):
        self.assertEqual(len(compare(self.BASELINE, {})), 2)


if __name__ == "__main__":
    unittest.main()
