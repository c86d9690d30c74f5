import Testing

@testable import FederationClient

@Suite struct PathSegmentTests {
  @Test(
    "every byte that is not unreserved is percent-encoded",
    arguments: [
      ("db-password_1.0~x", "db-password_1.0~x"), ("a/b", "a%2Fb"), ("a b+c", "a%20b%2Bc"), ("100%", "100%25"),
      ("?#&=", "%3F%23%26%3D"), ("ü", "%C3%BC"), ("\u{0}\n", "%00%0A"), (".", "%2E"), ("..", "%2E%2E"), ("...", "..."),
    ])
  func encoding(text: String, encoded: String) {
    #expect(PathSegment.encoded(text) == encoded)
  }
}
