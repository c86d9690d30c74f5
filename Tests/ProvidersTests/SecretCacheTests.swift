import FederationAPI
import Testing

@testable import Providers

@Suite struct SecretCacheTests {
  private func keep(
    _ cache: SecretCache, _ key: String, _ content: CachedSecret.Content, askedAt seconds: Double = 0, store: UInt64 = 1
  ) {
    let askedAt = MonotonicTime(nanoseconds: 0).advanced(bySeconds: seconds)
    cache.keep(
      CachedSecret(content: content, askedAt: askedAt), store, key.utf8.span.bytes, version: "".utf8.span.bytes)
  }

  private func content(_ cache: SecretCache, _ key: String) -> CachedSecret.Content? {
    cache.secret(1, key.utf8.span.bytes, version: "".utf8.span.bytes)?.secret.content
  }

  private func text(_ cache: SecretCache, _ key: String) -> String? {
    switch content(cache, key) {
    case .value(let value, _): value.text
    case .failure(let error): error.reason
    case nil: nil
    }
  }

  @Test("however many keys are asked for that are not there, every value stays, and the memory is bounded")
  func absentKeys() {
    let cache = SecretCache(maximumBytes: 64 << 10)
    for number in 0..<100 { keep(cache, "k\(number)", .value(SecretBytes("v\(number)"), version: nil)) }
    for number in 0..<10_000 { keep(cache, "absent-\(number)", .failure(.notFound)) }
    for number in 0..<100 { #expect(text(cache, "k\(number)") == "v\(number)") }
    #expect(text(cache, "absent-9999") == "not found")
    #expect(text(cache, "absent-0") == nil)
    #expect(cache.byteCount <= 64 << 10)
    cache.removeAll(1)
    #expect(cache.count == 0 && cache.byteCount == 0)
  }

  @Test("a value takes the place of a failure, and the other way round")
  func replaced() {
    let cache = SecretCache(maximumBytes: 64 << 10)
    keep(cache, "k", .failure(.notFound))
    keep(cache, "k", .value(SecretBytes("v"), version: nil))
    #expect(text(cache, "k") == "v" && cache.count == 1)
    keep(cache, "k", .failure(.notFound))
    #expect(text(cache, "k") == "not found" && cache.count == 1)
  }

  @Test("an answer that comes late does not take the place of one that was asked for after it")
  func lateAnswer() {
    let cache = SecretCache(maximumBytes: 64 << 10)
    keep(cache, "k", .value(SecretBytes("new"), version: nil), askedAt: 2)
    keep(cache, "k", .value(SecretBytes("old"), version: nil), askedAt: 1)
    keep(cache, "k", .failure(.notFound), askedAt: 1)
    #expect(text(cache, "k") == "new")
    keep(cache, "k", .failure(.notFound), askedAt: 3)
    keep(cache, "k", .value(SecretBytes("old"), version: nil), askedAt: 2)
    #expect(text(cache, "k") == "not found")
  }

  @Test("a store that takes ever more makes room itself, and what has less than its share stays")
  func shares() {
    let cache = SecretCache(maximumBytes: 64 << 10)
    let text = SecretBytes(String(repeating: "x", count: 1_000))
    for number in 0..<10 { keep(cache, "k\(number)", .value(text, version: nil)) }
    for number in 0..<1_000 { keep(cache, "k\(number)", .value(text, version: nil), store: 2) }
    for number in 0..<10 { #expect(content(cache, "k\(number)") != nil) }
    #expect(cache.byteCount <= 64 << 10)
    // The other way round the first takes from the second until both have as much.
    for number in 10..<1_000 { keep(cache, "k\(number)", .value(text, version: nil)) }
    let (first, second) = (cache.usage(of: 1), cache.usage(of: 2))
    #expect(abs(first.bytes - second.bytes) <= 2 * 1_300 && first.entries > 15)
    // What a store has that goes, the other may have.
    cache.removeAll(2)
    #expect(cache.usage(of: 2).bytes == 0 && cache.usage(of: 1).bytes == first.bytes)
    for number in 1_000..<2_000 { keep(cache, "k\(number)", .value(text, version: nil)) }
    #expect(cache.usage(of: 1).bytes > 50 << 10)
  }

  @Test("what a store was not asked for the longest time makes room first")
  func leastUsed() {
    let cache = SecretCache(maximumBytes: 16 << 10)
    let text = SecretBytes(String(repeating: "x", count: 1_000))
    for number in 0..<200 {
      keep(cache, "k\(number)", .value(text, version: nil))
      #expect(content(cache, "k0") != nil)
    }
    #expect(content(cache, "k1") == nil && content(cache, "k199") != nil)
  }
}
