import FederationAPI
import Testing

/// One question to the server and the answer that every wire must give to it.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
  /// What the answer must be.
  enum Expectation: Sendable {
    case value(String)
    case failure(StatusCode, String)
    /// The message begins like this; what follows names a limit or a parser's finding.
    case failureBeginning(StatusCode, String)

    static let unauthenticated = Expectation.failure(.unauthenticated, "Unauthorized")
    static let notAuthorized = Expectation.failure(.permissionDenied, "Not Found")
  }

  typealias Made<Value> = @Sendable (ConformanceWorld) throws -> Value

  /// What is tried, in words.
  let name: String
  /// The whole `authorization` value; nil sends none.
  var authorization: Made<String?>
  var store = "app"
  var secret = "password"
  /// The caller's CA bundle.
  var certificates: Made<[UInt8]> = { $0.ca.certificatePEM }
  /// The `x-workload-token` value; nil sends none.
  var workloadToken: Made<String?> = { _ in nil }
  let expected: Expectation

  var testDescription: String { name }

  /// A case about the token: everything else is good.
  init(_ name: String, _ expected: Expectation, token: @escaping Made<String> = { try $0.token() }) {
    self.name = name
    self.expected = expected
    authorization = { "Bearer " + (try token($0)) }
  }

  /// The same case with `change` made to it.
  func with(_ change: (inout ConformanceCase) -> Void) -> ConformanceCase {
    var copy = self
    change(&copy)
    return copy
  }

  /// A case about what is asked for, with a good token.
  static func asking(_ name: String, store: String = "app", secret: String, _ expected: Expectation) -> Self {
    ConformanceCase(name, expected).with {
      $0.store = store
      $0.secret = secret
    }
  }

  /// A case about the whole `authorization` value.
  static func authorization(_ name: String, _ expected: Expectation, _ value: @escaping Made<String?>) -> Self {
    ConformanceCase(name, expected).with { $0.authorization = value }
  }

  /// A case about the caller's CA bundle, with a good token of `cluster`.
  static func certificates(
    _ name: String, cluster: String = "main", _ expected: Expectation, _ value: @escaping Made<[UInt8]>
  ) -> Self {
    ConformanceCase(name, expected, token: { try $0.token(cluster: cluster) }).with { $0.certificates = value }
  }

  /// A case about the `x-workload-token`.
  static func workload(_ name: String, _ expected: Expectation, _ value: @escaping Made<String?>) -> Self {
    ConformanceCase(name, expected).with { $0.workloadToken = value }
  }
}
