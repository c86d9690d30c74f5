"""What is plotted of a matrix."""

import unittest

from suite import matrix, plots

RESULT = {
    "requests_per_second": 10.0, "latency_us": {"p50": 1, "p99": 2, "p99_9": 3},
    "server": {"requests_per_cpu_second": 20.0, "cpu_us_per_request": 50.0, "max_rss_kib": 7},
}


def cells():
    """A whole matrix, every cell alike."""
    return [matrix.cell(*each, RESULT) for each in matrix.cells()]


class Matrix(unittest.TestCase):
    def test_every_server_is_at_every_setting_and_size_and_idle_ones_at_one_size(self):
        found = {(cell["server"], cell["wire"], cell["setting"], cell["value_size"]) for cell in cells()}
        self.assertEqual(len(found), 8 * (4 * 3 + 1 + 2))

    def test_servers_that_are_compared_are_neighbours(self):
        first = [(server, wire) for server, wire, _, _ in list(matrix.cells())[: len(matrix.SERVERS)]]
        self.assertEqual(first, matrix.SERVERS)


class Plots(unittest.TestCase):
    def test_cost_is_drawn_for_every_server_at_five_numbers_of_connections(self):
        points = plots.cost_points(cells())
        self.assertEqual([point["x"] for point in points[:5]], [1, 16, 64, 256, 1024])
        self.assertEqual(len({point["series"] for point in points}), len(matrix.SERVERS))

    def test_latency_is_drawn_at_each_share_of_the_most(self):
        point = {
            "server": "ours", "wire": "ttrpc", "share": 0.9, "requests_per_second": 9.0, "p50_us": 1, "p99_us": 2,
        }
        drawn = plots.latency_points([], [point])
        self.assertEqual([(each["series"], each["y"]) for each in drawn], [("ttrpc p50", 1), ("ttrpc p99", 2)])
        self.assertEqual(drawn[0]["label"], "90%")


if __name__ == "__main__":
    unittest.main()
