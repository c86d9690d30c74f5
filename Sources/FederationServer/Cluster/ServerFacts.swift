import Resources

/// What the objects of a cluster are held against: what the server was started with, what it has issued, and what its
/// stores' backends say.
struct ServerFacts: Sendable {
  /// What in manifests cannot be used, as it needs what the server was not started with.
  var unmet: @Sendable (Manifests) -> [Diagnostic] = { _ in [] }
  /// What in manifests has no effect, as the server was not started with it.
  var unserved: @Sendable (Manifests) -> [Diagnostic] = { _ in [] }
  /// The Secrets that the cleanup of issued credentials needs, nil while that cannot be told; no function for a server
  /// that issues nothing.
  var issuedSecrets: (@Sendable () async -> Set<ResourceName>?)?
  /// Asks the backend of the store of that name.
  var check: @Sendable (_ store: String) async -> StoreCheck = { _ in .noStore }
  /// How long what cannot be watched is taken for unchanged.
  var intervals = Intervals()

  /// In seconds.
  struct Intervals: Sendable {
    /// Between two questions for ``ServerFacts/issuedSecrets``.
    var issuedSecrets = 30.0
    /// Between two checks of a store, a tenth more or less.
    var check = 300.0
    /// The same after one that failed.
    var checkAgain = 60.0
    /// For one check.
    var checkLimit = 20.0
  }
}

/// What came of asking a store's backend.
enum StoreCheck: Sendable, Equatable {
  /// The server has no such store now, or none with a backend.
  case noStore
  /// It let the server in.
  case passed
  /// It did not, and why; never with a secret.
  case failed(reason: String)
}
