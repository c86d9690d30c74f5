import FederationAPI
import Testing

@testable import FederationProto

/// What is read in place must be what protobuf-c reads: whatever else comes is left to it.
@Suite struct GetSecretFieldsTests {
  private let ordinary = field(1, "store") + field(2, "name") + field(3, [1, 2, 3])

  /// What is read in place, nil when nothing is.
  private func quick(_ bytes: [UInt8]) -> (store: [UInt8], name: [UInt8], caCertificates: [UInt8])? {
    GetSecretFields(bytes.span.bytes).map {
      (Array(bytes[$0.store]), Array(bytes[$0.name]), Array(bytes[$0.caCertificates]))
    }
  }

  /// Whether reading in place gives nothing, or what protobuf-c gives. What is no text is nobody's name, so that it may
  /// be read here.
  private func isFaithful(_ bytes: [UInt8]) -> Bool {
    guard let quick = quick(bytes) else { return true }
    let isText = [quick.store, quick.name].allSatisfy {
      String(validating: $0, as: UTF8.self) != nil && !$0.contains(0)
    }
    guard isText else { return true }
    guard let request = try? GetSecretRequest(protobuf: bytes.span.bytes) else { return false }
    return Array(request.store.utf8) == quick.store && Array(request.name.utf8) == quick.name
      && request.caCertificates == quick.caCertificates
  }

  @Test("reads what clients send, with and without a bundle")
  func reads() throws {
    let all = try #require(quick(ordinary))
    #expect(all.store == Array("store".utf8) && all.name == Array("name".utf8) && all.caCertificates == [1, 2, 3])
    let two = try #require(quick(field(1, "s") + field(2, "n")))
    #expect(two.store == [0x73] && two.name == [0x6E] && two.caCertificates.isEmpty)
    let large = [UInt8](repeating: 9, count: Limits.caCertificates)
    #expect(quick(field(1, "s") + field(2, "n") + field(3, large))?.caCertificates == large)
    for request in [
      GetSecretRequest(store: "s", name: "k"), GetSecretRequest(store: "s", name: "k", caCertificates: large),
      GetSecretRequest(store: "s", name: String(repeating: "é", count: 512)),
    ] {
      #expect(quick(try request.protobuf())?.name == Array(request.name.utf8))
    }
  }

  @Test(
    "what protobuf-c reads otherwise, or refuses, is not read",
    arguments: [
      // A store that is no text counts for protobuf-c even where another follows.
      field(1, [0xFF]) + field(1, "store") + field(2, "name"),
      field(1, "store") + field(2, "a\0b") + field(2, "name"),
      // Tags and lengths of more bytes than it takes.
      [0x8A, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01, 0x73], [0x0A, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00, 0x73],
      [0x0A, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x73],
      // Other wire types.
      field(1, "s") + field(2, "n") + field(3, [UInt8](repeating: 1, count: Limits.caCertificates + 1)),
      varint(1 << 3) + [5], [0x0D, 1, 2, 3, 4], [0x09, 1, 2, 3, 4, 5, 6, 7, 8], varint(2 << 3) + [5],
      [0x0B], [0x0C], [0x0E], [0x0F], [0x00, 0x00],
      // Cut off.
      [0x0A], [0x0A, 1], field(1, "store") + [0x12], field(1, "store") + [0x12, 2, 0x61],
    ])
  func refused(bytes: [UInt8]) { #expect(isFaithful(bytes), "\(bytes)") }

  @Test("more fields than protobuf-c makes room for are not read")
  func tinyFields() {
    for tiny in [[0x7A, 0x00], [0x0A, 0x00], [0x12, 0x00], [0x1A, 0x00], [0x78, 0x00]] as [[UInt8]] {
      var bytes: [UInt8] = []
      for _ in 0..<20_000 { bytes += tiny }
      let areFaithful = [isFaithful(bytes + ordinary), isFaithful(ordinary + bytes)]
      #expect(areFaithful == [true, true], "\(tiny)")
    }
  }

  @Test("every varint length of tag and length agrees with protobuf-c")
  func overlong() {
    func padded(_ value: UInt8, to count: Int) -> [UInt8] {
      count == 1 ? [value] : [value | 0x80] + [UInt8](repeating: 0x80, count: count - 2) + [0]
    }
    for tagCount in 1...11 {
      for lengthCount in 1...11 {
        let store = padded(0x0A, to: tagCount) + padded(1, to: lengthCount) + [0x73]
        let name = padded(0x12, to: tagCount) + padded(1, to: lengthCount) + [0x6E]
        guard isFaithful(store + field(2, "n")), isFaithful(field(1, "s") + name) else {
          Issue.record("a tag of \(tagCount) bytes and a length of \(lengthCount)")
          return
        }
      }
    }
  }

  @Test("every cut, and 40,000 mutations, are read as protobuf-c reads them or not at all")
  func mutations() {
    var random = SeededGenerator(seed: 11)
    let pieces: [[UInt8]] = [
      field(1, "store"), field(2, "name"), field(3, [1, 2, 3]), field(1, [0xFF]), field(2, ""), field(9, "new"),
      varint(8 << 3) + varint(77), [0x0D, 1, 2, 3, 4], [0x8A, 0x00, 0x01, 0x73], [0x12, 0x81, 0x00, 0x6E], [0x80],
    ]
    var quickCount = 0
    for count in 0...ordinary.count where !isFaithful(Array(ordinary[..<count])) {
      Issue.record("cut at \(count)")
    }
    for round in 0..<40_000 {
      var bytes = ordinary
      if round % 2 == 0 {
        bytes = (0..<Int.random(in: 1...5, using: &random)).flatMap { _ in pieces.randomElement(using: &random) ?? [] }
      }
      for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
        default: bytes.remove(at: index)
        }
      }
      if quick(bytes) != nil { quickCount += 1 }
      if !isFaithful(bytes) {
        Issue.record("\(bytes)")
        return
      }
    }
    #expect(quickCount > 2_000)
  }
}
