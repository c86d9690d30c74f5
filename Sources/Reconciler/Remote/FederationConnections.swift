import FederationAPI
import FederationClient
import Logging
import Resources

/// One client, and so one connection, for each server and identity that is in use.
actor FederationConnections {
  /// What makes two stores share a connection.
  struct Key: Hashable {
    var server: String
    var transport: FederationServerReference.Transport
    /// PEM that verifies the server; nil for the system's roots.
    var certificates: [UInt8]?
    var auth: FederationStoreAuth
    /// Where service accounts and Secrets of the same name may differ.
    var namespace: String
  }

  /// Connections that are kept; the one not used for longest makes room.
  static let maximum = 256

  private let source: any ResourceSource
  private let log: Log
  private let connect: @Sendable (FederationClientConfiguration) throws(RPCError) -> any FederationCalling
  private var clients: [Key: (client: any FederationCalling, used: UInt64)] = [:]
  private var uses: UInt64 = 0

  init(
    _ source: any ResourceSource, log: Log,
    connect: @escaping @Sendable (FederationClientConfiguration) throws(RPCError) -> any FederationCalling = {
      (configuration) throws(RPCError) in try FederationClient(configuration: configuration)
    }
  ) {
    self.source = source
    self.log = log
    self.connect = connect
  }

  /// The client for `store`. Throws when its certificates cannot be found; tokens are read with each call.
  func client(for store: FederationStoreResource) async throws(RPCError) -> any FederationCalling {
    let certificates = try await Self.certificates(store.server.certificates, source)
    return try client(
      Key(
        server: store.server.url, transport: store.server.transport, certificates: certificates, auth: store.auth,
        namespace: store.namespace))
  }

  /// The client for `generator`, whose `caCertSecretRef` wins over its server's certificates.
  func client(for generator: FederationGeneratorResource) async throws(RPCError) -> any FederationCalling {
    var certificates = generator.server.certificates
    if let selector = generator.certificates { certificates = .secret(selector) }
    return try client(
      Key(
        server: generator.server.url, transport: generator.server.transport,
        certificates: try await Self.certificates(certificates, source), auth: .token(generator.token),
        namespace: generator.namespace))
  }

  /// Closes every connection.
  func close() async {
    let open = clients.values.map(\.client)
    clients = [:]
    for client in open { await client.close() }
  }

  private func client(_ key: Key) throws(RPCError) -> any FederationCalling {
    uses += 1
    if let known = clients[key] {
      clients[key] = (known.client, uses)
      return known.client
    }
    let client = try connect(try configuration(key))
    if clients.count >= Self.maximum, let oldest = clients.min(by: { $0.value.used < $1.value.used }) {
      clients[oldest.key] = nil
      // Calls that run on it still come to their end, as connections are closed when they are let go.
    }
    clients[key] = (client, uses)
    return client
  }

  private func configuration(_ key: Key) throws(RPCError) -> FederationClientConfiguration {
    let transport = FederationTransport(rawValue: key.transport.rawValue) ?? .auto
    var configuration = FederationClientConfiguration(
      server: try ServerAddress(parsing: key.server), transport: transport, token: Self.token(key, source),
      caFile: nil, maximumAttempts: 2, log: log)
    configuration.serverCertificates = key.certificates
    if case .kubernetes(let settings) = key.auth {
      configuration.caFile = settings.caFile ?? FederationClientConfiguration.defaultCAFile
    }
    if case .spiffe(let settings) = key.auth { configuration.spiffe = try SPIFFEAccess(settings, log: log) }
    return configuration
  }

  private static func token(_ key: Key, _ source: any ResourceSource) -> TokenSource {
    switch key.auth {
    case .token(let selector):
      return TokenSource {
        do throws(RPCError) {
          let value = try await source.secretValue(selector)
          guard let text = value.text else {
            return .failure(RPCError(.failedPrecondition, "\(selector.phrase) is no token"))
          }
          return .success(text)
        } catch {
          return .failure(error)
        }
      }
    // The SVID stands in its place.
    case .spiffe: return TokenSource { .failure(RPCError(.internal, "an SVID needs no token")) }
    case .clientCredentials(let settings): return .clientCredentials(ClientCredentials(settings))
    case .kubernetes(let settings):
      guard let account = settings.serviceAccount else {
        return .file(settings.tokenFile ?? FederationClientConfiguration.defaultTokenFile)
      }
      let name = ResourceName(namespace: key.namespace, name: account)
      let audiences = settings.audiences
      return TokenSource {
        do throws(RPCError) {
          return .success(try await source.token(of: name, audiences: audiences))
        } catch {
          return .failure(error)
        }
      }
    }
  }

  private static func certificates(
    _ origin: FederationServerReference.CertificateSource?, _ source: any ResourceSource
  ) async throws(RPCError) -> [UInt8]? {
    let text: String?
    let selector: SecretKeySelector
    switch origin {
    case nil: return nil
    case .bundle(let pem): return pem
    case .secret(let named):
      selector = named
      text = try await source.secretValue(named).text
    case .configMap(let named):
      selector = named
      text = try await source.configMapValue(named)
    }
    guard let text, let pem = CABundle.pem(text) else {
      throw RPCError(.failedPrecondition, "\(selector.phrase) holds no PEM certificates, nor base64 of them")
    }
    return pem
  }
}

extension ClientCredentials {
  fileprivate init(_ auth: ClientCredentialsAuth) {
    let provider: Provider =
      switch auth.provider {
      case .okta(let domain, let server): .okta(domain: domain, authorizationServer: server)
      case .pingIdentity(let region, let environment):
        .pingIdentity(issuer: Self.pingIdentityIssuer(region: region, environmentID: environment))
      }
    self.init(
      provider: provider, clientID: auth.clientID, privateKeyFile: auth.privateKeyFile, keyID: auth.keyID,
      scopes: auth.scopes, caFile: auth.caFile)
  }
}

extension SPIFFEAccess {
  fileprivate init(_ auth: SPIFFEStoreAuth, log: Log) throws(RPCError) {
    let source: SVIDSource =
      switch auth.source {
      case .workloadAPI(let path): try .workloadAPI(path, log: log)
      case .files(let svid, let key, let bundle): .files(certificate: svid, key: key, bundle: bundle)
      }
    self.init(source: source, serverID: auth.serverID)
  }
}

extension SecretKeySelector {
  /// For messages.
  var phrase: String { "the entry \"\(key)\" of \"\(namespace)/\(name)\"" }
}
