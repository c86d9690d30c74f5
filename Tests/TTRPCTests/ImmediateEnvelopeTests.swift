import FederationProto
import Testing

@testable import TTRPC

/// All that ``ImmediateEnvelope`` takes, ``RequestEnvelope`` reads the same.
@Suite struct ImmediateEnvelopeTests {
  private static let service = Wire.field(1, "federation.v1.FederationService")
  private static let method = Wire.field(2, "GetSecret")
  private static let payload = Wire.field(3, [1, 2, 3])
  private static let authorization = entry("authorization", "Bearer t")

  private static func entry(_ key: String, _ value: String) -> [UInt8] {
    Wire.field(5, Wire.field(1, key) + Wire.field(2, value))
  }

  private static func timeout(_ value: Int64) -> [UInt8] {
    Wire.varint(4 << 3) + Wire.varint(UInt64(bitPattern: value))
  }

  private func isTaken(_ bytes: [UInt8]) -> Bool { ImmediateEnvelope(bytes.span.bytes) != nil }

  /// What is wrong with how `bytes` are taken; nil when nothing is.
  private func difference(_ bytes: [UInt8]) -> String? {
    guard let immediate = ImmediateEnvelope(bytes.span.bytes) else { return nil }
    // Whoever uses these compares them with texts: what is no text never gets further.
    for range in [immediate.service, immediate.method, immediate.authorization] {
      if String(validating: bytes[range], as: UTF8.self) == nil { return nil }
    }
    guard let request = try? RequestEnvelope(bytes.span.bytes) else { return "taken, but malformed" }
    if request.service != immediate.service { return "another service" }
    if request.method != immediate.method { return "another method" }
    if request.payload != immediate.payload { return "another payload" }
    if request.workloadToken != nil { return "an x-workload-token" }
    if request.timeoutNanoseconds < 0 { return "a deadline that has passed" }
    if request.authorization != (immediate.authorization.isEmpty ? nil : immediate.authorization) {
      return "another authorization"
    }
    return nil
  }

  @Test(
    "takes what ordinary clients send",
    arguments: [
      service + method + payload + authorization, service + method + payload + authorization + timeout(5),
      service + method + payload + timeout(.max) + authorization, service + method + payload,
      authorization + payload + method + service, service + method + authorization,
      service + method + payload + entry("a", "b") + authorization + entry("traceparent", "é"),
      service + method + payload + entry("", ""), service + method + payload + timeout(0),
    ])
  func takes(bytes: [UInt8]) {
    #expect(isTaken(bytes))
    #expect(difference(bytes) == nil)
  }

  @Test(
    "leaves to others what needs a closer look",
    arguments: [
      authorization + entry("x-workload-token", "w"), entry("x-workload-token", ""), entry("authorization", ""),
      entry("authorization", "") + authorization, authorization + authorization,
      authorization + entry("authorization", ""), timeout(-1), timeout(.min), timeout(5) + timeout(-5),
      timeout(-5) + timeout(5), Wire.field(6, "x"), Wire.field(77, "x"), Wire.varint(9 << 3) + [1],
      Wire.varint(1 << 3) + [1], Wire.varint(3 << 3) + [1], Wire.field(4, "x"), Wire.varint(5 << 3) + [1],
      Wire.field(5, []), Wire.field(5, Wire.field(1, "authorization")), Wire.field(5, Wire.field(2, "v")),
      Wire.field(5, Wire.field(2, "v") + Wire.field(1, "k")),
      Wire.field(5, Wire.field(1, "authorization") + Wire.field(1, "other") + Wire.field(2, "v")),
      Wire.field(5, Wire.field(1, "authorization") + Wire.field(2, "v") + Wire.field(2, "w")),
      Wire.field(5, Wire.field(1, "k") + Wire.field(2, "v") + Wire.field(3, "w")),
      Wire.field(5, Wire.field(1, "k") + Wire.field(2, [0xFF])),
      Wire.field(5, Wire.field(1, [0xC0]) + Wire.field(2, "v")),
      Wire.field(5, Wire.field(1, "k") + Wire.varint(2 << 3) + [1]), Wire.field(5, [0x0A, 9, 0x61]),
      Wire.field(1, "other"), Wire.field(1, [0xFF]), Wire.field(2, "other"), [0x1A], [0x1A, 5, 1], [0x0B],
    ])
  func leaves(part: [UInt8]) {
    let ordinary = Self.service + Self.method + Self.payload
    for bytes in [ordinary + part, part + ordinary] {
      #expect(!isTaken(bytes) || part.first == 0x1A, "\(bytes)")
      #expect(difference(bytes) == nil)
    }
  }

  @Test("every cut, 20,000 mutations and 20,000 shuffles are read as RequestEnvelope reads them, or not taken")
  func mutations() {
    var random = SeededGenerator(seed: 23)
    let ordinary =
      Self.service + Self.method + Self.payload + Self.authorization + Self.entry("k", "v") + Self.timeout(1 << 40)
    for count in 0...ordinary.count { #expect(difference(Array(ordinary[..<count])) == nil) }
    let parts: [[UInt8]] = [
      Self.service, Self.method, Self.payload, Self.authorization, Self.timeout(7), Self.timeout(-1),
      Self.entry("k", "v"), Self.entry("authorization", ""), Self.entry("authorization", "Bearer u"),
      Self.entry("x-workload-token", "w"), Wire.field(1, [0xFF]), Wire.field(2, ""), Wire.field(3, ""),
      Wire.field(5, Wire.field(1, [0xFF]) + Wire.field(2, "v")), Wire.field(5, Wire.field(1, "authorization")),
      Wire.field(9, "new"), [0x8A, 0x00, 0x01, 0x73], [0x0A, 0x81, 0x00, 0x73],
    ]
    var taken = 0
    for round in 0..<40_000 {
      var bytes = ordinary
      if round % 2 == 0 {
        bytes = (0..<Int.random(in: 1...7, using: &random)).flatMap { _ in parts.randomElement(using: &random) ?? [] }
      }
      for _ in 0..<Int.random(in: round % 2 == 0 ? 0...2 : 1...4, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        bytes[index] = UInt8.random(in: 0...255, using: &random)
      }
      if isTaken(bytes) { taken += 1 }
      if let difference = difference(bytes) {
        Issue.record("round \(round), \(difference): \(bytes)")
        return
      }
    }
    #expect(taken > 2_000)
  }
}
