import FederationAPI
import Foundation
import Testing

@testable import Gateway

@Suite struct GatewayMemoryTests {
  private let reader = CACertificatesReader()
  private let memory: GatewayMemory

  init() {
    memory = GatewayMemory(answers: Nobody(), reader: reader)
  }

  private final class Nobody: ImmediateAnswers, ImmediateSession {
    func session(binding: ConnectionIdentity?, peer: String) -> any ImmediateSession { self }
    func secret(
      store: RawSpan, name: RawSpan, caCertificates: RawSpan, authorization: RawSpan, now: MonotonicTime
    ) -> SecretBytes? { nil }
  }

  /// The bundle that memory finds in `body`.
  private func bundle(_ body: String) -> String? {
    memory.withCACertificates(in: body.utf8.span.bytes) { pem in
      pem.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
  }

  private func body(_ pem: String) -> String { "{\"ca.crt\":\"\(Data(pem.utf8).base64EncodedString())\"}" }

  @Test("no body and an empty object are no bundle, and nothing need be read before")
  func none() {
    #expect(bundle("") == "")
    #expect(bundle("{}") == "")
  }

  @Test("a body is not known until the slow way has found it right, and then to the byte", arguments: ["pem", ""])
  func known(pem: String) {
    let body = body(pem)
    #expect(bundle(body) == nil)
    #expect(reader.read(Array(body.utf8)) == .success(Array(pem.utf8)))
    #expect(bundle(body) == pem)
    #expect(bundle(body) == pem)
    #expect(bundle(body + " ") == nil)
    #expect(bundle(" " + body) == nil)
    #expect(bundle(String(body.dropLast())) == nil)
  }

  @Test(
    "a body that the slow way refuses or does not remember stays unknown",
    arguments: ["{", "[]", "nonsense", "{\"ca.crt\":1}", "{\"ca.crt\":\"AAA\"}", "{\"other\":1}", "{ }"])
  func unknown(body: String) {
    _ = reader.read(Array(body.utf8))
    #expect(bundle(body) == nil)
  }

  @Test("a bundle past the limit stays unknown, and so does a body too large to remember")
  func large() {
    for count in [Limits.caCertificates + 1, 20_000] {
      let body = body(String(repeating: "x", count: count))
      _ = reader.read(Array(body.utf8))
      #expect(bundle(body) == nil)
    }
  }

  @Test("bodies past the memory's places are found again through the reader, each with its own bundle")
  func places() {
    let pems = (0..<50).map { "pem \($0)" }
    for pem in pems { #expect(reader.read(Array(body(pem).utf8)) == .success(Array(pem.utf8))) }
    for round in 0..<3 {
      for pem in pems { #expect(bundle(body(pem)) == pem, "round \(round)") }
    }
    for pem in pems.reversed() { #expect(bundle(body(pem)) == pem) }
  }

  @Test("what memory took is known even when the reader has started over")
  func outlives() {
    #expect(reader.read(Array(body("mine").utf8)) == .success(Array("mine".utf8)))
    #expect(bundle(body("mine")) == "mine")
    for other in 0..<300 { _ = reader.read(Array(body("other \(other)").utf8)) }
    #expect(reader.remembered(Array(body("mine").utf8)) == nil)
    #expect(bundle(body("mine")) == "mine")
  }

  @Test("request ids do not repeat, in one loop or between two")
  func requestIDs() {
    let other = GatewayMemory(answers: Nobody(), reader: reader)
    var ids: Set<UInt64> = []
    for _ in 0..<50_000 {
      ids.insert(memory.makeRequestID())
      ids.insert(other.makeRequestID())
    }
    #expect(ids.count == 100_000)
  }
}
