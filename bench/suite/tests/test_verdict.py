"""Figures held to their bounds."""

import unittest

from suite import verdict


class AgainstPeer(unittest.TestCase):
    def test_the_ratio_is_the_median_of_the_pairs_and_not_the_ratio_of_medians(self):
        each = verdict.against_peer("row", [10, 60, 30], [10, 20, 30], 2, verdict.AT_LEAST, "x")
        self.assertEqual((each.ours, each.peer, each.ratio), (30, 20, 1))

    def test_at_least_holds_on_the_bound_and_not_below(self):
        self.assertTrue(verdict.against_peer("row", [4], [1], 4, verdict.AT_LEAST, "x").holds)
        self.assertFalse(verdict.against_peer("row", [3.99], [1], 4, verdict.AT_LEAST, "x").holds)

    def test_at_most_holds_on_the_bound_and_not_above(self):
        self.assertTrue(verdict.against_peer("row", [1.25], [1], 1.25, verdict.AT_MOST, "x").holds)
        self.assertFalse(verdict.against_peer("row", [1.26], [1], 1.25, verdict.AT_MOST, "x").holds)

    def test_the_entry_has_the_six_keys_of_latest_json(self):
        entry = verdict.against_peer("row", [123456], [3], 4, verdict.AT_LEAST, "x").entry()
        self.assertEqual(
            entry, {"name": "row", "ours": 123500, "peer": 3, "ratio": 41150, "bound": 4, "holds": True})

    def test_the_details_keep_every_round(self):
        details = verdict.against_peer("row", [2, 9], [1, 3], 4, verdict.AT_LEAST, "x").details()
        self.assertEqual(details["rounds"], [[2, 1, 2], [9, 3, 3]])

    def test_rounding_does_not_make_a_figure_hold(self):
        each = verdict.against_peer("row", [3.99999], [1], 4, verdict.AT_LEAST, "x")
        self.assertEqual(each.entry()["ratio"], 4)
        self.assertFalse(each.entry()["holds"])


class AgainstBound(unittest.TestCase):
    def test_a_figure_without_a_peer_is_by_its_bound(self):
        entry = verdict.against_bound("row", [12, 6, 18], 24, verdict.AT_MOST, "KiB").entry()
        self.assertEqual(
            entry, {"name": "row", "ours": 12, "peer": None, "ratio": 0.5, "bound": 24, "holds": True})

    def test_it_holds_up_to_the_bound(self):
        self.assertFalse(verdict.against_bound("row", [24.1], 24, verdict.AT_MOST, "KiB").holds)


if __name__ == "__main__":
    unittest.main()
