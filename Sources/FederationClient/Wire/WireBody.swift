import FederationAPI
import FoundationEssentials
import JSON

/// The bodies of the documented HTTP/JSON API.
enum WireBody {
  /// `{"ca.crt":"<base64 of PEM>"}`, or `{}` without a CA.
  static func caOnly(_ credentials: CallCredentials) -> [UInt8] { object([:], credentials) }

  /// `{"ca.crt":…,"namespace":…,"owner":…}`, without `ca.crt` where there is no CA.
  static func revocation(namespace: String, owner: String, _ credentials: CallCredentials) -> [UInt8] {
    object(["namespace": .string(namespace), "owner": .string(owner)], credentials)
  }

  /// `{"ca.crt":…,"data":[…],"dataFrom":[…]}`, without what there is none of; throws INVALID_ARGUMENT for what is no JSON.
  static func externalSecret(
    _ request: ResolveExternalSecretRequest, _ credentials: CallCredentials
  ) throws(RPCError) -> [UInt8] {
    var members: [JSONName: JSONValue] = [:]
    for (name, json) in [("data", request.data), ("dataFrom", request.dataFrom)] where !json.isEmpty {
      guard let value = try? JSONValue.parse(json) else {
        throw RPCError(.invalidArgument, "\(name): not valid JSON")
      }
      members[JSONName(name)] = value
    }
    return object(members, credentials)
  }

  private static func object(_ members: [JSONName: JSONValue], _ credentials: CallCredentials) -> [UInt8] {
    var members = members
    if let pem = credentials.caCertificates { members["ca.crt"] = .string(Data(pem).base64EncodedString()) }
    return JSONValue.object(members).encoded()
  }
}
