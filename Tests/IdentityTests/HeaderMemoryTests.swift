import Crypto
import FederationAPI
import Testing

@testable import Identity

@Suite struct HeaderMemoryTests {
  private func part(_ json: String) -> [UInt8] { Array(Base64URL.encode(Array(json.utf8)).utf8) }

  private func header(_ part: [UInt8], _ memory: HeaderMemory?) throws(Refusal) -> (SignatureAlgorithm, String) {
    let header = try HeaderMemory.header(part.span.bytes, memory)
    return (header.algorithm, header.keyID)
  }

  @Test("gives each header its own meaning, whichever was read before")
  func alternating() throws {
    let memory = HeaderMemory()
    let first = part(#"{"alg":"ES256","kid":"a"}"#)
    let second = part(#"{"alg":"ES384","kid":"b"}"#)
    for _ in 0..<3 {
      #expect(try header(first, memory) == (.es256, "a"))
      #expect(try header(first, memory) == (.es256, "a"))
      #expect(try header(second, memory) == (.es384, "b"))
    }
  }

  @Test("a bad header is refused each time, and does not take the place of a good one")
  func bad() throws {
    let memory = HeaderMemory()
    let good = part(#"{"alg":"ES256","kid":"a"}"#)
    #expect(try header(good, memory) == (.es256, "a"))
    for text in [#"{"alg":"none","kid":"a"}"#, #"{"alg":"ES256"}"#, "", #"{"alg":"ES256","kid":"a","crit":["x"]}"#] {
      for _ in 0..<2 { #expect(throws: Refusal.self) { try header(part(text), memory) } }
      #expect(throws: Refusal.self) { try header(good.dropLast(), memory) }
    }
    #expect(try header(good, memory) == (.es256, "a"))
  }

  @Test("a header too long to be kept is read all the same")
  func long() throws {
    let memory = HeaderMemory()
    let long = part(#"{"alg":"ES256","kid":"\#(String(repeating: "k", count: 600))"}"#)
    for _ in 0..<2 { #expect(try header(long, memory).1.count == 600) }
  }
}
