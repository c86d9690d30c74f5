"""The two plots of a run, drawn by `federation-bench plot`."""


def draw(bench, cells, points, results):
    """Writes throughput-latency.svg and cost-connections.svg into `results`."""
