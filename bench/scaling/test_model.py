"""python3 -m unittest bench.scaling.test_model"""

import unittest

from .model import Model, Point, fit


class ModelTests(unittest.TestCase):
    def test_it_finds_what_made_the_points(self):
        truth = Model(0.02, 30e-6, 0.8e-9)
        sizes = [(5_000, 20_480_000), (20_000, 81_920_000), (250, 250_000_000), (1_000, 1_000_000_000)]
        found = fit([Point(files, count, truth.seconds(files, count)) for files, count in sizes])
        for name, value in truth.as_json().items():
            self.assertAlmostEqual(found.as_json()[name] / value, 1, places=6, msg=name)

    def test_nothing_costs_less_than_nothing(self):
        found = fit([Point(10, 10, 1.0), Point(20, 20_000, 1.9), Point(40, 30_000, 4.0)])
        self.assertTrue(all(value >= 0 for value in found.as_json().values()), found)
        self.assertGreater(found.per_file, 0.05)


if __name__ == "__main__":
    unittest.main()
