import Resources

/// When an ExternalSecret's values are fetched: the rules of ESO's refresh policies.
struct RefreshDecision {
  typealias Policy = ExternalSecretResource.RefreshPolicy

  var policy: Policy
  /// Zero for once.
  var intervalSeconds: Double
  /// Which state of the ExternalSecret is there.
  var version: String
  var status: ExternalSecretStatus
  /// In seconds since 1970-01-01T00:00:00Z.
  var now: Int64

  /// Whether the values have to be fetched now, the target left aside.
  var isDue: Bool {
    // What failed is tried again, whatever was synced before.
    if status.ready?.isTrue == false { return true }
    guard let synced = status.syncedResourceVersion, let refreshed = status.refreshTime else { return true }
    switch policy {
    case .createdOnce: return false
    case .onChange: return synced != version
    case .periodic:
      if intervalSeconds <= 0 { return false }
      if synced != version || refreshed > now { return true }
      return Double(now - refreshed) >= intervalSeconds
    }
  }

  /// Whether the values are fetched again without a change of the ExternalSecret.
  var isRepeated: Bool { policy == .periodic && intervalSeconds > 0 }

  /// Seconds until the values have to be fetched next; nil when only a change makes them.
  var pauseSeconds: Double? {
    guard isRepeated else { return nil }
    guard let refreshed = status.refreshTime else { return intervalSeconds }
    return max(0, Double(refreshed - now) + intervalSeconds)
  }
}
