import FederationAPI

/// Where a request goes. Paths are compared literally and case-sensitively: no dot segments, no trailing slashes.
enum Route: Equatable {
  /// `POST /secretstore/{store}/secrets/{name}`.
  case getSecret(store: String, name: String)
  /// `POST /generators/{namespace}/{kind}/{name}`.
  case generate(GeneratorReference)
  /// `DELETE /generators/{namespace}/{kind}/{name}`.
  case revokeSelf(GeneratorReference)
  /// `POST /generators/{namespace}/revoke`.
  case revokeCredentials(namespace: String)
  /// `POST /secretstore/{store}/externalsecret`, an addition to the documented API.
  case resolveExternalSecret(store: String)
  /// A known path with a method that it does not have; the value is what `Allow` says.
  case methodNotAllowed(allow: String)
  /// None of these paths.
  case unknown

  /// Looks the route up. Nothing is acted on here: authentication comes first, for unknown routes too.
  init(method: String, path: Substring) throws(PathSegment.Malformed) {
    var segments: [String] = []
    var literals: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      literals.append(part)
      segments.append(try PathSegment.decode(part))
    }
    // `path` without a leading slash is `*` or CONNECT's target, whose first part was dropped with the empty one.
    guard path.utf8.first == UInt8(ascii: "/"), !segments.contains("") else {
      self = .unknown
      return
    }
    switch (literals.first, segments.count) {
    case ("secretstore", 4) where literals[2] == "secrets":
      self = method == "POST" ? .getSecret(store: segments[1], name: segments[3]) : .methodNotAllowed(allow: "POST")
    case ("secretstore", 3) where literals[2] == "externalsecret":
      self = method == "POST" ? .resolveExternalSecret(store: segments[1]) : .methodNotAllowed(allow: "POST")
    case ("generators", 3) where literals[2] == "revoke":
      self = method == "POST" ? .revokeCredentials(namespace: segments[1]) : .methodNotAllowed(allow: "POST")
    case ("generators", 4):
      let generator = GeneratorReference(namespace: segments[1], kind: segments[2], name: segments[3])
      switch method {
      case "POST": self = .generate(generator)
      case "DELETE": self = .revokeSelf(generator)
      default: self = .methodNotAllowed(allow: "DELETE, POST")
      }
    default:
      self = .unknown
    }
  }
}

extension Route {
  /// What the RPC of the same meaning is counted as.
  var method: CallMethod {
    switch self {
    case .getSecret: .getSecret
    case .generate: .generate
    case .revokeSelf: .revokeSelf
    case .revokeCredentials: .revokeCredentials
    case .resolveExternalSecret: .resolveExternalSecret
    case .methodNotAllowed, .unknown: .other
    }
  }
}
