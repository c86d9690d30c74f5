import FederationAPI

/// Why a generate gave nothing, and whether there may be a credential all the same.
struct GenerateFailure: Error, Equatable {
  /// What ended the call.
  var error: RPCError
  /// Whether the server may have issued a credential that nobody got.
  var mayHaveIssued: Bool

  init(_ error: RPCError, mayHaveIssued: Bool) {
    self.error = error
    self.mayHaveIssued = mayHaveIssued
  }

  /// Whether asking again cannot make a second credential, and may help.
  var isRepeatable: Bool { error.isWorthRepeating && !mayHaveIssued }

  /// What the caller is told. UNAVAILABLE invites to try again, so where that may issue twice it becomes UNKNOWN.
  var told: RPCError {
    guard mayHaveIssued else { return error }
    return RPCError(
      error.code == .unavailable ? .unknown : error.code,
      "\(error.message); a credential may have been issued, which ends with its lease: it was not asked for again")
  }
}
