import FederationAPI
import Kubernetes

extension RPCError {
  /// What a failure of the API means to a reconciler. The message is the client's own, which shows no value.
  init(_ error: KubernetesError) {
    let code: StatusCode =
      switch error.kind {
      case .notFound: .notFound
      case .alreadyExists: .alreadyExists
      case .conflict: .aborted
      case .unavailable, .unreachable, .tls: .unavailable
      case .cancelled: .cancelled
      case .forbidden, .unauthorized: .permissionDenied
      default: .failedPrecondition
      }
    self.init(code, error.message)
  }
}

/// Does `body`, and says its failure as a reconciler understands it.
func translated<Value>(
  _ body: () async throws(KubernetesError) -> Value
) async throws(RPCError) -> Value {
  do throws(KubernetesError) {
    return try await body()
  } catch {
    throw RPCError(error)
  }
}
