"""The two plots of a run, drawn by `federation-bench plot` from matrix.json's figures."""

import json

from . import processes, programs

DRAW_SECONDS = 60
NAMES = {
    ("ours", "ttrpc"): "ttrpc", ("ours", "grpc"): "gRPC", ("ours", "http"): "HTTP gateway", ("floor", "ttrpc"): "floor (C echo)",
    ("grpc-server", "grpc"): "gRPC C++", ("ttrpc-go", "ttrpc"): "Go ttrpc", ("http-go", "http"): "Go net/http",
    ("nginx", "http"): "nginx fixed body",
}
SIZE = 64
CLOSED_LOOPS = ("1x1", "16x1", "16x32")
LABELLED_SHARES = (0.1, 0.5, 0.9)


def name(entry):
    """A server and its wire, as a reader knows them."""
    return NAMES[entry["server"], entry["wire"]]


def latency_points(cells, points):
    """Latency by throughput: ours at fixed rates, and the closed loops of gRPC, whose generator has no rate."""
    drawn = []
    for quantile in ("p50", "p99"):
        for point in points:
            drawn.append({
                "series": f"{name(point)} {quantile}", "x": point["requests_per_second"], "y": point[f"{quantile}_us"],
            })
            if point["share"] in LABELLED_SHARES:
                drawn[-1]["label"] = f"{point['share']:.0%}"
    grpc = [
        cell for cell in cells
        if cell["wire"] == "grpc" and cell["value_size"] == SIZE and cell["setting"] in CLOSED_LOOPS
    ]
    for quantile in ("p50", "p99"):
        for cell in sorted(grpc, key=lambda cell: cell["requests_per_second"]):
            drawn.append({
                "series": f"{name(cell)} {quantile}, closed loop", "x": cell["requests_per_second"],
                "y": cell[f"{quantile}_us"], "label": cell["setting"],
            })
    return drawn


def cost_points(cells):
    """Server CPU a request by connections, one call in flight on each."""
    wanted = [
        cell for cell in cells
        if cell["value_size"] == SIZE and cell["in_flight"] == 1 and not cell["idle_connections"]
    ]
    wanted.sort(key=lambda cell: (list(NAMES).index((cell["server"], cell["wire"])), cell["connections"]))
    return [{"series": name(cell), "x": cell["connections"], "y": cell["cpu_us_per_request"]} for cell in wanted]


def draw(bench, cells, points, results):
    """Writes throughput-latency.svg and cost-connections.svg into `results`."""
    plots = {
        "throughput-latency": {
            "title": "Latency by throughput, server on one core", "x_label": "requests a second",
            "y_label": "latency, us", "points": latency_points(cells, points),
        },
        "cost-connections": {
            "title": "Server CPU a request by connections, one call in flight on each", "x_label": "connections",
            "y_label": "server CPU, us a request", "points": cost_points(cells),
        },
    }
    for kind, plot in plots.items():
        source = bench.raw / f"{kind}.json"
        source.write_text(json.dumps(plot))
        command = [
            bench.programs.path(programs.LOAD), "plot", "--input", source, "--kind", kind,
            "--output", results / f"{kind}.svg",
        ]
        processes.finish(f"plot {kind}", command, bench.log("plot"), processes.LOAD_CORE, DRAW_SECONDS)
