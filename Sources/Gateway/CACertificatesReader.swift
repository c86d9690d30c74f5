import FederationAPI
import JSON
import Synchronization

/// Reads `{"ca.crt":"<base64 of PEM>"}`, the body of every route.
///
/// A workload sends the same body with each request, so bodies that were read are remembered, within bounds, by
/// their exact bytes.
final class CACertificatesReader: Sendable {
  private static let maximumEntries = 256
  private static let maximumEntryBytes = 16_384

  private let known = Mutex<[[UInt8]: [UInt8]]>([:])

  /// The caller's PEM bundle, empty when it sent none; an empty body is one that sends none (docs/SECURITY.md, D12).
  ///
  /// A body that is not such an object fails as UNAUTHENTICATED, as it does on the documented server, where
  /// authentication is what reads the body. Other members are ignored.
  func read(_ body: [UInt8]) -> Result<[UInt8], RPCError> {
    if body.isEmpty || body == Array("{}".utf8) { return .success([]) }
    if let pem = remembered(body) { return .success(pem) }
    guard let value = try? JSONValue.parse(body), let members = value.object else { return .failure(.unauthenticated) }
    guard let member = members["ca.crt"] else { return .success([]) }
    guard let text = member.string, let pem = Base64.decode(text.utf8) else { return .failure(.unauthenticated) }
    guard pem.count <= Limits.caCertificates else {
      let message = "request too large: ca.crt may hold \(Limits.caCertificates) bytes"
      return .failure(RPCError(.resourceExhausted, message))
    }
    remember(body, pem)
    return .success(pem)
  }

  /// The bundle in a body that was read before and found right; nil for others.
  func remembered(_ body: [UInt8]) -> [UInt8]? { known.withLock { $0[body] } }

  private func remember(_ body: [UInt8], _ pem: [UInt8]) {
    guard body.count <= CACertificatesReader.maximumEntryBytes else { return }
    known.withLock { known in
      // Starting over is enough: what is in use comes back with the next request.
      if known.count >= CACertificatesReader.maximumEntries { known.removeAll(keepingCapacity: true) }
      known[body] = pem
    }
  }
}
