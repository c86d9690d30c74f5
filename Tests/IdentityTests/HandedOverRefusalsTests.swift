import Crypto
import FederationAPI
import Testing

@testable import Identity

@Suite struct HandedOverRefusalsTests {
  private func digest(_ token: String) -> TokenDigest {
    TokenDigest(token: token.utf8.span.bytes, caCertificates: RawSpan(), context: SHA256Context())
  }

  @Test("a reason is taken once, by its token and generation only")
  func takenOnce() {
    let refusals = HandedOverRefusals()
    refusals.put("why", digest("t"), generation: 1)
    #expect(refusals.take(digest("u"), generation: 1) == nil)
    #expect(refusals.take(digest("t"), generation: 2) == nil)
    #expect(refusals.take(digest("t"), generation: 1) == "why")
    #expect(refusals.take(digest("t"), generation: 1) == nil)
    #expect(refusals.count == 0)
  }

  @Test("the last reason of a token counts, and no second one is kept")
  func replaced() {
    let refusals = HandedOverRefusals()
    refusals.put("first", digest("t"), generation: 1)
    refusals.put("second", digest("t"), generation: 1)
    #expect(refusals.take(digest("t"), generation: 1) == "second")
    #expect(refusals.take(digest("t"), generation: 1) == nil)
  }

  @Test("a newer generation drops what older ones left")
  func generations() {
    let refusals = HandedOverRefusals()
    for number in 0..<10 { refusals.put("old", digest("t\(number)"), generation: 1) }
    refusals.put("new", digest("u"), generation: 2)
    #expect(refusals.count == 1)
    #expect(refusals.take(digest("t1"), generation: 1) == nil)
  }

  @Test("keeps so many and no more, the latest of them")
  func bounded() {
    let refusals = HandedOverRefusals()
    for number in 0..<1_000 { refusals.put("\(number)", digest("\(number)"), generation: 1) }
    #expect(refusals.count == 64)
    #expect(refusals.take(digest("999"), generation: 1) == "999")
    #expect(refusals.take(digest("0"), generation: 1) == nil)
  }
}
