import FederationAPI
import FoundationEssentials
import HTTPClient

/// Where an API server is and how this program is known to it.
public struct KubernetesConfiguration: Sendable {
  /// How requests prove who sends them, besides ``clientCertificate``.
  public enum Credentials: Sendable, Equatable {
    /// Not at all.
    case none
    /// A bearer token.
    case token(SecretBytes)
    /// A file with a bearer token, read for each request because kubelet replaces it.
    case tokenFile(String)
    /// HTTP's basic authentication.
    case basic(user: String, password: SecretBytes)
  }

  /// The API server's URL, without a slash at its end.
  public var server: String
  /// PEM certificates that the server's must descend from; nil for the system's.
  public var caCertificates: [UInt8]?
  /// What requests carry.
  public var credentials: Credentials
  /// What the TLS handshake shows.
  public var clientCertificate: ClientCertificate?
  /// The namespace to work in where none is named.
  public var namespace: String

  /// Makes a configuration.
  public init(
    server: String, caCertificates: [UInt8]? = nil, credentials: Credentials = .none,
    clientCertificate: ClientCertificate? = nil, namespace: String = "default"
  ) {
    var server = server
    while server.hasSuffix("/") { server.removeLast() }
    self.server = server
    self.caCertificates = caCertificates
    self.credentials = credentials
    self.clientCertificate = clientCertificate
    self.namespace = namespace
  }

  /// The configuration that programs of Kubernetes look for: the kubeconfig file given, else the Pod's own service
  /// account, else the one file that `KUBECONFIG` names.
  ///
  /// Throws ``ConfigurationFault``.
  public static func find(
    kubeconfig: String?, context: String?, environment: [String: String]
  ) throws(ConfigurationFault) -> KubernetesConfiguration {
    if let kubeconfig { return try .kubeconfig(kubeconfig, context: context) }
    if environment["KUBERNETES_SERVICE_HOST"]?.isEmpty == false {
      if context != nil { throw ConfigurationFault("a context needs a kubeconfig file: name that, too") }
      return try .inCluster(environment: environment)
    }
    guard let path = environment["KUBECONFIG"], !path.isEmpty else {
      throw ConfigurationFault("this is no Pod and no kubeconfig file is named: give --kubeconfig FILE")
    }
    if path.contains(":") {
      throw ConfigurationFault("KUBECONFIG names several files: give the one to use with --kubeconfig FILE")
    }
    return try .kubeconfig(path, context: context)
  }

  /// The headers that ``credentials`` come to. Throws ``ConfigurationFault`` when a token file cannot be read.
  func authorization() throws(ConfigurationFault) -> String? {
    switch credentials {
    case .none: return nil
    case .token(let token): return try bearer(token.copied, from: "the configuration")
    case .tokenFile(let path):
      guard let bytes = try readFile(path, limit: Limits.token, purpose: "token file") else {
        throw ConfigurationFault("there is no token file \(path)")
      }
      return try bearer(bytes, from: path)
    case .basic(let user, let password):
      return "Basic \((Data("\(user):".utf8) + password.copied).base64EncodedString())"
    }
  }

  private func bearer(_ bytes: [UInt8], from source: String) throws(ConfigurationFault) -> String {
    let isSpace: (UInt8) -> Bool = { $0 <= 0x20 }
    let text = bytes.drop(while: isSpace)
    let word = text.prefix { $0 > 0x20 && $0 < 0x7F }
    guard !word.isEmpty, text[word.endIndex...].allSatisfy(isSpace) else {
      throw ConfigurationFault("the token of \(source) is not one word of printable characters")
    }
    return "Bearer \(String(decoding: word, as: UTF8.self))"
  }
}

/// Why a configuration cannot be used, and what to do.
public struct ConfigurationFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence without a full stop.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// A small file's bytes, nil when there is none.
func readFile(_ path: String, limit: Int, purpose: String) throws(ConfigurationFault) -> [UInt8]? {
  do throws(RPCError) {
    return try BoundedFile.read(path, limit: limit, purpose: purpose)
  } catch {
    throw ConfigurationFault(error.message)
  }
}
