import FederationAPI
import Kubernetes

extension BackendError {
  /// What an API server's answer to a question that had until `deadline` means.
  init(_ error: KubernetesError, by deadline: MonotonicTime) {
    // The client's own timer may be some milliseconds early.
    let isLate = MonotonicTime.now.advanced(bySeconds: 0.05) >= deadline
    self =
      switch error.kind {
      case .notFound: .notFound
      case .unauthorized, .forbidden: .denied(reason: error.message)
      case .unreachable where isLate: .timedOut(reason: error.message)
      case .cancelled, .expired: .timedOut(reason: error.message)
      case .unavailable, .unreachable, .tls: .unavailable(reason: error.message)
      case .tooLarge, .malformed: .dataLoss(reason: error.message)
      case .alreadyExists, .conflict, .invalid, .refused, .misconfigured: .misconfigured(reason: error.message)
      }
  }
}
