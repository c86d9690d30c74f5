import JSON

/// What is drawn: several series of points, with a title and names for the axes.
///
/// As JSON either an array of points `{"series":"ttrpc","x":90692,"y":5083}`, or an object
/// `{"title":…,"x_label":…,"y_label":…,"points":[…]}`. A point may have a `"label"`, which is drawn beside it.
package struct PlotInput: Sendable, Equatable {
  /// One point.
  package struct Point: Sendable, Equatable {
    /// Along the x axis.
    package var x: Double
    /// Along the y axis.
    package var y: Double
    /// A text beside the point, such as the number of connections.
    package var label: String?

    /// Makes a point.
    package init(x: Double, y: Double, label: String? = nil) {
      self.x = x
      self.y = y
      self.label = label
    }
  }

  /// Points that belong together, joined by a line in their order.
  package struct Series: Sendable, Equatable {
    /// As the legend shows it.
    package var name: String
    /// In the order of the input.
    package var points: [Point]
  }

  /// Above the plot; the kind's own when nil.
  package var title: String?
  /// Below the x axis, with the unit.
  package var xLabel: String?
  /// Beside the y axis, with the unit.
  package var yLabel: String?
  /// In the order in which they first appear.
  package var series: [Series]

  /// Reads the JSON text `bytes`.
  package init(_ bytes: [UInt8]) throws(BenchError) {
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue.parse(bytes, maximumByteCount: 16 << 20)
    } catch {
      throw BenchError("the plot's input: \(error)")
    }
    guard let points = json.array ?? json["points"]?.array else {
      throw BenchError("the plot's input must be an array of points, or an object with `points`")
    }
    title = json["title"]?.string
    xLabel = json["x_label"]?.string
    yLabel = json["y_label"]?.string
    series = []
    for (index, point) in points.enumerated() {
      guard let name = point["series"]?.string, let x = point["x"]?.number, let y = point["y"]?.number else {
        throw BenchError("point \(index + 1) of the plot's input needs series, x and y")
      }
      let place = series.firstIndex { $0.name == name } ?? series.endIndex
      if place == series.endIndex { series.append(Series(name: name, points: [])) }
      series[place].points.append(Point(x: x, y: y, label: point["label"]?.string))
    }
    guard !series.isEmpty else { throw BenchError("the plot's input has no points") }
  }
}
