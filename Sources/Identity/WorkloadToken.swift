import FederationAPI
import JSON

/// The `x-workload-token`: a service account token that only says who the caller works for.
///
/// Nobody verifies it, so that nothing may ever be allowed because of it.
public enum WorkloadToken {
  /// Reads the token; throws INVALID_ARGUMENT with the documented text when it is malformed.
  public static func parse(_ token: String) throws(RPCError) -> KubernetesAttributes {
    let claims: KubernetesClaims
    do {
      claims = try unverifiedClaims(token)
    } catch {
      throw invalid("failed to parse x-workload-token: \(error.reason)")
    }
    do {
      return try claims.attributes()
    } catch {
      throw invalid("x-workload-token missing \(error.path)")
    }
  }

  private static func unverifiedClaims(_ token: String) throws(Refusal) -> KubernetesClaims {
    guard token.utf8.count <= Limits.token else { throw Refusal("the token is longer than \(Limits.token) bytes") }
    let text = token.utf8.span.bytes
    guard let dots = JSONWebSignature.dots(in: text) else { throw Refusal("the token does not have three parts") }
    let header = try TokenPart.decode(text.extracting(0..<dots.first), named: "header")
    try TokenPart.read(header, named: "header") { _, reader, text throws(JSONError) in
      try reader.skip(try reader.next(in: text), in: text)
    }
    return try KubernetesClaims(
      payload: try TokenPart.decode(text.extracting(dots.first + 1..<dots.second), named: "payload"))
  }

  private static func invalid(_ reason: String) -> RPCError {
    RPCError(.invalidArgument, "invalid x-workload-token: \(reason)")
  }
}
