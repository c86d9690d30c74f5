"""Rounds and pairs."""

import unittest

from suite import interleave


class Pairing(unittest.TestCase):
    def test_a_drift_that_slows_both_sides_of_a_pair_leaves_the_ratio(self):
        ratios = interleave.paired_ratios([100, 50, 80], [50, 25, 40])
        self.assertEqual(ratios, [2, 2, 2])

    def test_sides_with_different_numbers_of_rounds_cannot_be_paired(self):
        with self.assertRaises(ValueError):
            interleave.paired_ratios([1, 2], [1])

    def test_the_median_of_an_even_number_is_between_the_middle_two(self):
        self.assertEqual(interleave.median([4, 1, 3, 2]), 2.5)

    def test_spread_is_relative_to_the_median(self):
        self.assertAlmostEqual(interleave.spread([9, 10, 11]), 0.2)

    def test_spread_of_nothing_but_zero_is_zero(self):
        self.assertEqual(interleave.spread([0, 0]), 0)


class Rounds(unittest.TestCase):
    def test_sides_take_turns(self):
        order = []
        sides = {name: lambda number, name=name: order.append((number, name)) for name in "AB"}
        interleave.rounds(2, sides)
        self.assertEqual(order, [(0, "A"), (0, "B"), (1, "A"), (1, "B")])

    def test_no_round_is_left_out(self):
        results = interleave.rounds(3, {"A": lambda number: number, "B": lambda number: -number})
        self.assertEqual(results, {"A": [0, 1, 2], "B": [0, -1, -2]})


if __name__ == "__main__":
    unittest.main()
