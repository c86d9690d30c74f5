import FederationAPI
import Identity
import Logging
import Service
import Transport

/// Lets those past the handshake whose SPIFFE ID an Authorization of the current manifests names.
struct SVIDVerifier: PeerVerifier {
  private let handlers: FederationHandlers
  private let log: Log
  private let limit = LogLimit(linesPerSecond: 20)

  init(handlers: FederationHandlers, log: Log) {
    self.handlers = handlers
    self.log = log
  }

  func identity(of certificates: [[UInt8]]) throws(PeerRefusal) -> ConnectionIdentity {
    do throws(SVIDRefusal) {
      return try handlers.identity(ofPeer: certificates)
    } catch {
      throw PeerRefusal(error.kind.alert, error.reason)
    }
  }

  func handshakeFailed(_ reason: String, peer: String) {
    guard let suppressedBefore = limit.admit(at: MonotonicTime.now.nanoseconds) else { return }
    log.write(
      .info, "spiffe_handshake_refused",
      ["peer": peer, "reason": reason, "suppressed_before": "\(suppressedBefore)"])
  }
}

extension SVIDRefusal.Kind {
  fileprivate var alert: PeerRefusal.Alert {
    switch self {
    case .expired: .expired
    case .untrusted: .unknownAuthority
    case .invalid: .badCertificate
    case .notAuthorized: .notAuthorized
    }
  }
}
