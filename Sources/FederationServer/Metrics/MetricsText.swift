/// Writes Prometheus's text format, version 0.0.4.
struct MetricsText {
  /// What the numbers of a family mean.
  enum Kind: String {
    case counter, gauge, histogram
  }

  /// What tells the numbers of one family apart.
  typealias Labels = [(name: String, value: String)]

  /// One number of a family, and what tells it from the others.
  struct Sample {
    let labels: Labels
    let value: String

    init(_ labels: Labels, _ value: some BinaryInteger) {
      self.labels = labels
      self.value = String(value)
    }

    init(_ labels: Labels, _ value: Double) {
      self.labels = labels
      self.value = "\(value)"
    }

    init(_ labels: Labels, _ value: Bool) {
      self.labels = labels
      self.value = value ? "1" : "0"
    }
  }

  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// All families so far.
  private(set) var text = ""

  /// Adds a family, even when nothing was counted for it yet.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    begin(name, kind, help)
    for sample in samples { line(name, sample.labels, sample.value) }
  }

  /// Adds a family of one number.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
    add(name, kind, help, [Sample([], value)])
  }

  /// Adds a family of histograms with these upper bounds, in seconds.
  mutating func add(
    _ name: String, _ help: String, bounds: [Double], _ histograms: [(labels: Labels, counts: Histogram)]
  ) {
    begin(name, .histogram, help)
    for (labels, histogram) in histograms {
      var total: UInt64 = 0
      for (bound, count) in zip(bounds, histogram.within) {
        total += count
        line("\(name)_bucket", labels + [("le", "\(bound)")], String(total))
      }
      line("\(name)_bucket", labels + [("le", "+Inf")], String(histogram.count))
      line("\(name)_sum", labels, "\(histogram.sum)")
      line("\(name)_count", labels, String(histogram.count))
    }
  }

  /// Observations of one set of labels.
  struct Histogram {
    /// Those up to each bound and past the one before.
    let within: [UInt64]
    let count: UInt64
    let sum: Double
  }

  private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
  }

  private mutating func line(_ name: String, _ labels: Labels, _ value: String) {
    text += name
    if !labels.isEmpty {
      let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
      text += "{\(pairs.joined(separator: ","))}"
    }
    text += " \(value)\n"
  }

  private static func escaped(_ value: String, quotes: Bool) -> String {
    var escaped = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
