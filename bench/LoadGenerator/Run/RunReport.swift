import JSON

/// A run's figures, as JSON and as a table.
package struct RunReport: Sendable {
  private let options: RunOptions
  private let counts: RunCounts

  /// Reports `counts` of a run with `options`.
  package init(options: RunOptions, counts: RunCounts) {
    self.options = options
    self.counts = counts
  }

  /// Whether every answer came and was right, and there were any.
  package var isGood: Bool { counts.errors == 0 && counts.requests > 0 }

  private var requestsPerSecond: Double { counts.seconds > 0 ? Double(counts.requests) / counts.seconds : 0 }

  private func microseconds(_ fraction: Double) -> Double { Double(counts.latencies.percentile(fraction)) / 1_000 }

  /// What goes into the file of `--json`.
  package var json: JSONValue {
    var members: [JSONName: JSONValue] = [
      "wire": .string(options.measuresHandshakes ? "tls" : options.wire.rawValue),
      "mode": .string(options.measuresHandshakes ? "handshakes" : options.mode.rawValue),
      "identity": .string(options.identity.rawValue),
      "connections": .number(Double(options.connections)), "in_flight": .number(Double(options.inFlight)),
      "rate": options.rate.map { .number($0) } ?? .null,
      "value_size": options.values.onlySize.map { .number(Double($0)) } ?? .string(options.values.text),
      "keys": .number(Double(options.keys)), "key_distribution": .string(options.distribution.rawValue),
      "seconds": .number(rounded(counts.seconds, 4)), "requests": .number(Double(counts.requests)),
      "errors": .number(Double(counts.errors)), "requests_per_second": .number(rounded(requestsPerSecond, 1)),
      "latency_us": [
        "p50": .number(microseconds(0.5)), "p90": .number(microseconds(0.9)), "p99": .number(microseconds(0.99)),
        "p99_9": .number(microseconds(0.999)), "max": .number(Double(counts.latencies.maximum) / 1_000),
        "mean": .number(rounded(counts.latencies.mean / 1_000, 2)),
      ],
      "handshakes": .number(Double(counts.handshakes)), "new_tokens": .number(Double(counts.newTokens)),
      "unsent": .number(Double(counts.unsent)), "generator": generator,
    ]
    if let reason = counts.firstError { members["first_error"] = .string(reason) }
    if let server { members["server"] = server }
    if options.idle > 0 { members["idle"] = idle }
    return .object(members)
  }

  private var generator: JSONValue {
    guard let seconds = counts.ownCPUSeconds else { return .null }
    return ["cpu_seconds": .number(rounded(seconds, 2)), "cpu_us_per_request": perRequest(seconds)]
  }

  private var server: JSONValue? {
    guard let seconds = counts.serverCPUSeconds else { return nil }
    return [
      "cpu_seconds": .number(rounded(seconds, 2)), "cpu_us_per_request": perRequest(seconds),
      "requests_per_cpu_second": seconds > 0 ? .number(rounded(Double(counts.requests) / seconds, 1)) : .null,
      "max_rss_kib": counts.serverMaximumResidentKiB.map { .number(Double($0)) } ?? .null,
    ]
  }

  private var idle: JSONValue {
    var members: [JSONName: JSONValue] = ["connections": .number(Double(options.idle))]
    if let before = counts.residentBeforeIdleKiB, let with = counts.residentWithIdleKiB {
      members["rss_before_kib"] = .number(Double(before))
      members["rss_with_kib"] = .number(Double(with))
      members["kib_per_connection"] = .number(rounded(Double(with - before) / Double(options.idle), 2))
    }
    return .object(members)
  }

  private func perRequest(_ seconds: Double) -> JSONValue {
    counts.requests > 0 ? .number(rounded(seconds * 1e6 / Double(counts.requests), 3)) : .null
  }

  /// What a person reads.
  package var table: String {
    var rows: [(String, String)] = [
      ("requests", "\(counts.requests) in \(rounded(counts.seconds, 2)) s"),
      ("requests/s", "\(Int(requestsPerSecond))"),
      ("errors", "\(counts.errors)" + (counts.firstError.map { " (first: \($0))" } ?? "")),
      (
        "latency us",
        "p50 \(rounded(microseconds(0.5), 1))  p90 \(rounded(microseconds(0.9), 1))  p99 "
          + "\(rounded(microseconds(0.99), 1))  p99.9 \(rounded(microseconds(0.999), 1))  max "
          + "\(rounded(Double(counts.latencies.maximum) / 1_000, 1))"
      ),
    ]
    if let seconds = counts.serverCPUSeconds, counts.requests > 0, seconds > 0 {
      rows.append(("server CPU", "\(rounded(seconds * 1e6 / Double(counts.requests), 2)) us/request"))
      rows.append(("requests/CPU s", "\(Int(Double(counts.requests) / seconds))"))
    }
    if let kibibytes = counts.serverMaximumResidentKiB { rows.append(("server max RSS", "\(kibibytes) KiB")) }
    if let seconds = counts.ownCPUSeconds, counts.requests > 0 {
      rows.append(("generator CPU", "\(rounded(seconds * 1e6 / Double(counts.requests), 2)) us/request"))
    }
    if counts.handshakes > 0 { rows.append(("handshakes", "\(counts.handshakes)")) }
    if counts.newTokens > 0 { rows.append(("new tokens", "\(counts.newTokens)")) }
    if counts.unsent > 0 { rows.append(("unsent", "\(counts.unsent): the server is too slow for this rate")) }
    if let before = counts.residentBeforeIdleKiB, let with = counts.residentWithIdleKiB, options.idle > 0 {
      rows.append(("idle connections", "\(rounded(Double(with - before) / Double(options.idle), 2)) KiB each"))
    }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { $0.0 + String(repeating: " ", count: width + 2 - $0.0.count) + $0.1 + "\n" }.joined()
  }
}

/// `value` with so many digits behind the point.
func rounded(_ value: Double, _ digits: Int) -> Double {
  let factor = power(10, Double(digits))
  return (value * factor).rounded() / factor
}
