import FederationAPI
import HTTP1
import JSON

@testable import ExternalSecrets
@testable import Gateway

extension FuzzTarget {
  /// The body of each route of the gateway.
  static let gatewayBodies = FuzzTarget("gateway-bodies") { bytes in
    let reader = CACertificatesReader()
    let first = reader.read(bytes)
    try hold(first == reader.read(bytes), "certificates that are remembered are those that were read")
    if case .success(let pem) = first { try hold(pem.count <= Limits.caCertificates, "certificates are bounded") }

    let head = HTTPRequestHead(
      method: "POST", target: "/generators/ns/revoke",
      fields: HTTPFields([HTTPFields.Field(name: "content-type", value: "application/json")]))
    let revoke = try? RevokeBody(HTTPServerRequest(head: head, body: bytes))
    try hold((revoke?.owner.utf8.count ?? 0) <= 3 * bytes.count, "an owner is no longer than the body")

    guard let body = try? ExternalSecretBody(bytes) else { return }
    guard let spec = try? ExternalSecretSpec(data: body.data, dataFrom: body.dataFrom) else { return }
    try hold(spec.data.count <= ExternalSecretSpec.maximumData, "data is bounded")
    try hold(spec.dataFrom.count <= ExternalSecretSpec.maximumDataFrom, "dataFrom is bounded")
    try hold(spec.data.allSatisfy { SecretKey.isValid($0.secretKey) }, "a Secret's keys are valid")
  }

  /// A path that the short way takes, the router reads the same.
  static let gatewayRoutes = FuzzTarget(text: "gateway-routes") { path in
    for method in ["POST", "DELETE", "GET"] { _ = try? Route(method: method, path: path[...]) }
    guard let short = SecretRoute(path.utf8.span.bytes) else { return }
    let bytes = Array(path.utf8)
    let expected = Route.getSecret(
      store: String(decoding: bytes[short.store], as: UTF8.self),
      name: String(decoding: bytes[short.name], as: UTF8.self))
    try hold(try Route(method: "POST", path: path[...]) == expected, "both find the same secret")
  }
}
