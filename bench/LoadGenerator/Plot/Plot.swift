/// A plot as SVG.
package struct Plot {
  /// What is shown, and so how the axes go.
  package enum Kind: String, Sendable, CaseIterable {
    /// Latency over throughput: y is logarithmic, since latencies near saturation differ by powers.
    case throughputLatency = "throughput-latency"
    /// CPU cost of a request over the number of connections: x is logarithmic.
    case costConnections = "cost-connections"

    var title: String { self == .throughputLatency ? "Latency at each load" : "Cost of a request" }
    var xLabel: String { self == .throughputLatency ? "requests/s" : "connections" }
    var yLabel: String { self == .throughputLatency ? "p99 latency, us" : "server CPU, us/request" }
  }

  private static let width = 900.0
  private static let height = 520.0
  private static let left = 86.0
  private static let top = 54.0
  private static let bottom = 62.0
  /// Okabe and Ito's colours, which people with any kind of colour vision tell apart; the yellow is left out, as it is
  /// too faint on white. Marks differ in form too, for prints without colour.
  private static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"]

  private let input: PlotInput
  private let kind: Kind
  /// Room for the legend.
  private let right: Double
  private let x: PlotAxis
  private let y: PlotAxis

  /// Draws `input`.
  package init(_ input: PlotInput, kind: Kind) {
    self.input = input
    self.kind = kind
    let longest = input.series.map(\.name.count).max() ?? 0
    right = min(Self.width / 2, 60 + Double(longest) * 7.2)
    let points = input.series.flatMap(\.points)
    x = PlotAxis(covering: points.map(\.x), logarithmic: kind == .costConnections)
    y = PlotAxis(covering: points.map(\.y), logarithmic: kind == .throughputLatency)
  }

  private func across(_ value: Double) -> Double { Self.left + x.place(value) * (Self.width - Self.left - right) }

  private func up(_ value: Double) -> Double {
    Self.height - Self.bottom - y.place(value) * (Self.height - Self.top - Self.bottom)
  }

  /// The whole file.
  package var svg: String {
    var svg = SVGText(width: Self.width, height: Self.height, label: input.title ?? kind.title)
    svg.text(input.title ?? kind.title, x: Self.left, y: 28, size: 18, bold: true)
    drawGrid(&svg)
    for (index, series) in input.series.enumerated() { draw(series, index, &svg) }
    drawLegend(&svg)
    return svg.finished
  }

  private func drawGrid(_ svg: inout SVGText) {
    let end = (x: Self.width - right, y: Self.height - Self.bottom)
    for tick in y.ticks {
      svg.line([(Self.left, up(tick)), (end.x, up(tick))], colour: "#DDDDDD", width: 1)
      svg.text(PlotAxis.text(tick), x: Self.left - 8, y: up(tick) + 4, anchor: .end)
    }
    for tick in x.ticks {
      svg.line([(across(tick), Self.top), (across(tick), end.y)], colour: "#DDDDDD", width: 1)
      svg.text(PlotAxis.text(tick), x: across(tick), y: end.y + 18, anchor: .middle)
    }
    svg.line([(Self.left, Self.top), (Self.left, end.y), end], colour: "#333333", width: 1.5)
    svg.text(
      input.xLabel ?? kind.xLabel, x: (Self.left + end.x) / 2, y: Self.height - 16, size: 14, anchor: .middle)
    svg.text(
      input.yLabel ?? kind.yLabel, x: 20, y: (Self.top + end.y) / 2, size: 14, anchor: .middle, isVertical: true)
  }

  private func draw(_ series: PlotInput.Series, _ index: Int, _ svg: inout SVGText) {
    let colour = Self.colours[index % Self.colours.count]
    svg.line(series.points.map { (across($0.x), up($0.y)) }, colour: colour, width: 2)
    for point in series.points {
      svg.mark(index, x: across(point.x), y: up(point.y), colour: colour)
      if let label = point.label { svg.text(label, x: across(point.x) + 7, y: up(point.y) - 6, size: 11) }
    }
  }

  /// Beside the plot, where it covers nothing.
  private func drawLegend(_ svg: inout SVGText) {
    let left = Self.width - right + 20
    for (index, series) in input.series.enumerated() {
      let colour = Self.colours[index % Self.colours.count]
      let middle = Self.top + 10 + Double(index) * 22
      svg.line([(left, middle), (left + 24, middle)], colour: colour, width: 2)
      svg.mark(index, x: left + 12, y: middle, colour: colour)
      svg.text(series.name, x: left + 31, y: middle + 4)
    }
  }
}
