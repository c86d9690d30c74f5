import FederationAPI
import Service
import Transport

/// The families of calls, connections and refusals.
extension MetricsText {
  mutating func addCalls(_ calls: CallTotals) {
    var samples: [Sample] = []
    var waits: [(labels: Labels, counts: Histogram)] = []
    for wire in CallWire.allCases {
      for method in CallMethod.allCases {
        let labels: Labels = [("wire", wire.name), ("method", method.name)]
        for code in StatusCode.allCases {
          let count = calls.answered(wire, method, code)
          if count > 0 { samples.append(Sample(labels + [("code", code.name)], count)) }
        }
        let durations = calls.waits(wire, method)
        guard durations.count > 0 else { continue }
        let histogram = Histogram(
          within: durations.within, count: durations.count, sum: Double(durations.nanoseconds) / 1e9)
        waits.append((labels, histogram))
      }
    }
    add(
      "federation_calls_total", .counter,
      "Calls that were answered or given up, by wire, method and code; what no method could be told of is \"other\", and "
        + "a stream counts when it ends.", samples)
    add(
      "federation_call_wait_seconds",
      "How long unary calls took that waited for a backend, keys, the ledger or disk. Calls that were answered from memory "
        + "are not in it.", bounds: DurationCounts.bounds, waits)
  }

  mutating func addConnections(_ connections: LoopCounts, _ calls: CallTotals) {
    let open: [(name: String, count: Int)] = [CallWire.ttrpc, .http2, .http1].map { ($0.name, calls.connections($0)) }
    let opening = max(0, connections.open - open.reduce(0) { $0 + $1.count })
    add(
      "federation_connections", .gauge,
      "Open connections; those of gRPC are http2, and those in a handshake or about to close are \"other\".",
      (open + [("other", opening)]).map { Sample([("wire", $0.name)], $0.count) })
    add(
      "federation_tls_handshakes_total", .counter,
      "TLS handshakes that ended; an abandoned one is a peer that left or was too slow, as who only looks whether the port "
        + "is open.",
      [
        ("completed", connections.handshakesCompleted), ("failed", connections.handshakesFailed),
        ("abandoned", connections.handshakesAbandoned),
      ].map { Sample([("result", $0.0)], $0.1) })
  }

  mutating func addRefusals(_ connections: LoopCounts, _ service: ServiceMeasures) {
    var limits = service.refusedCalls
    limits["max-connections"] = connections.refusedByMaximum
    limits["connections-per-address"] = connections.refusedByAddress
    limits["open-connections-per-address"] = connections.refusedByOpenOfAddress
    limits["descriptors"] = connections.refusedByDescriptors
    add(
      "federation_refusals_total", .counter,
      "Connections and calls past a limit, by the flag that sets it, without its dashes; \"descriptors\" are the process's, "
        + "\"waiting\" is all calls that wait for backends.",
      limits.sorted { $0.key < $1.key }.map { Sample([("limit", $0.key)], $0.value) })
    add(
      "federation_authentication_failures_total", .counter,
      "Calls without a good token, or whose connection's identity is over, and certificates refused in the handshake.",
      [
        Sample([("by", "call")], service.authentication.refusedCalls),
        Sample([("by", "certificate")], service.refusedPeers),
      ])
  }
}
