import Crypto
import FederationAPI
import JSON

/// The `x-workload-token`: a service account token that only says who the caller works for.
///
/// Nobody verifies it, so that nothing may ever be allowed because of it.
public enum WorkloadToken {
  /// Reads the token; throws INVALID_ARGUMENT with the documented text when it is malformed.
  public static func parse(_ token: String) throws(RPCError) -> KubernetesAttributes {
    let claims: JSONValue
    do {
      claims = try unverifiedClaims(token)
    } catch {
      throw invalid("failed to parse x-workload-token: \(error.reason)")
    }
    do {
      return try KubernetesAttributes(claims: claims)
    } catch {
      throw invalid("x-workload-token missing \(error.path)")
    }
  }

  private static func unverifiedClaims(_ token: String) throws(Refusal) -> JSONValue {
    guard token.utf8.count <= Limits.token else { throw Refusal("the token is longer than \(Limits.token) bytes") }
    let parts = Array(token.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw Refusal("the token does not have three parts") }
    _ = try JSONWebSignature.object(parts[0], named: "header")
    return try JSONWebSignature.object(parts[1], named: "payload")
  }

  private static func invalid(_ reason: String) -> RPCError {
    RPCError(.invalidArgument, "invalid x-workload-token: \(reason)")
  }
}
