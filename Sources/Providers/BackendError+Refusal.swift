import FederationAPI
import SecretStores

extension BackendError {
  /// What callers are told who asked for `reference`: nothing of the backend's own words. `ofProperty` says that the backend
  /// was asked for the property itself.
  func refusal(of reference: SecretReference, ofProperty: Bool = false) -> RPCError {
    let store = "store \"\(reference.store)\""
    switch self {
    case .notFound:
      if let version = reference.version, !version.isEmpty { return .noVersion(version, reference) }
      guard ofProperty, let property = reference.property, !property.isEmpty else { return .noSecret(reference) }
      return RPCError(.notFound, "no secret \"\(reference.key)\" with a property \"\(property)\" in \(store)")
    case .denied:
      return RPCError(.failedPrecondition, "\(store) is refused by its backend; ask the server's operator")
    case .misconfigured:
      return RPCError(.failedPrecondition, "\(store) cannot work as it is configured; ask the server's operator")
    case .invalid(let text): return RPCError(.invalidArgument, "\(store) \(text)")
    case .busy: return RPCError(.unavailable, "\(store) is asked too much now; retry later")
    case .unavailable, .timedOut: return RPCError(.unavailable, "\(store) cannot be read now; retry later")
    case .dataLoss:
      return RPCError(
        .dataLoss, "the backend of \(store) gave an answer that makes no sense; ask the server's operator")
    }
  }
}
