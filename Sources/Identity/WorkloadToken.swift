import FederationAPI
import JSON

/// The `x-workload-token`: a service account token that only says who the caller works for.
///
/// Reading it verifies nothing, so nothing may ever be allowed because of it.
public struct WorkloadToken: Sendable {
  /// The workload that it names.
  public let workload: KubernetesAttributes
  /// Its `iss`, nil when it has none.
  public let issuer: String?

  /// Reads `token`; throws INVALID_ARGUMENT with the documented text when it is malformed.
  public init(parsing token: String) throws(RPCError) {
    let claims: Claims
    do throws(Refusal) {
      claims = try Claims(token)
    } catch {
      throw Self.invalid("failed to parse x-workload-token: \(error.reason)")
    }
    do throws(MissingClaim) {
      workload = try claims.kubernetes.attributes()
    } catch {
      throw Self.invalid("x-workload-token missing \(error.path)")
    }
    issuer = claims.issuer
  }

  private struct Claims {
    var kubernetes = KubernetesClaims()
    var issuer: String?

    init(_ token: String) throws(Refusal) {
      guard token.utf8.count <= Limits.token else { throw Refusal("the token is longer than \(Limits.token) bytes") }
      let text = token.utf8.span.bytes
      guard let dots = JSONWebSignature.dots(in: text) else { throw Refusal("the token does not have three parts") }
      let header = try TokenPart.decode(text.extracting(0..<dots.first), named: "header")
      try TokenPart.read(header, named: "header") { _, reader, text throws(JSONError) in
        try reader.skip(try reader.next(in: text), in: text)
      }
      let payload = try TokenPart.decode(text.extracting(dots.first + 1..<dots.second), named: "payload")
      try TokenPart.read(payload, named: "payload") { member, reader, text throws(JSONError) in
        if reader.isEqual(member, "kubernetes.io", in: text) {
          try kubernetes.read(from: &reader, text)
        } else if reader.isEqual(member, "iss", in: text) {
          issuer = try reader.readText(in: text).value
        } else {
          try reader.skip(try reader.next(in: text), in: text)
        }
      }
    }
  }

  private static func invalid(_ reason: String) -> RPCError {
    RPCError(.invalidArgument, "invalid x-workload-token: \(reason)")
  }
}
