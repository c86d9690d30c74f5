"""The table, and what stands in latest.json."""

import unittest

from suite import report, rows, verdict


class Table(unittest.TestCase):
    def test_a_line_for_each_verdict_and_a_shout_for_the_one_that_fails(self):
        text = report.table([
            verdict.against_peer("first", [8000], [1000], 4, verdict.AT_LEAST, "requests"),
            verdict.against_bound("second", [30], 24, verdict.AT_MOST, "KiB"),
        ])
        first, second = text.splitlines()[2:]
        self.assertRegex(first, r"^first +8,000 +1,000 +requests +8 +>= 4 +0% +yes$")
        self.assertRegex(second, r"^second +30 +- +KiB +1\.25 +<= 24 +0% +NO$")


class Rows(unittest.TestCase):
    def test_the_issue_has_twelve_rows_and_the_first_has_two_bounds(self):
        names = [row.name for row in [*rows.COMPARISONS, *rows.SINGLES]]
        self.assertEqual(len(names), 13)
        self.assertEqual(len(set(names)), 13)

    def test_rows_of_one_setting_are_measured_together(self):
        sizes = [len(group) for group in rows.groups(rows.COMPARISONS)]
        self.assertEqual(sizes, [4, 1, 2, 1])

    def test_the_bounds_are_the_issues(self):
        bounds = [row.bound for row in rows.COMPARISONS]
        self.assertEqual(bounds, [4, 6, 0.80, 0.45, 5, 2.5, 0.6, 1.25])


if __name__ == "__main__":
    unittest.main()
