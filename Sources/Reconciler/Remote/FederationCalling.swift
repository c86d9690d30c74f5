import FederationAPI
import FederationClient

/// What an agent asks of a federation server; a ``FederationClient`` does it.
public protocol FederationCalling: Sendable {
  /// See ``FederationClient/resolve(store:data:dataFrom:)``.
  func resolve(store: String, data: [UInt8], dataFrom: [UInt8]) async throws(RPCError) -> [String: SecretBytes]
  /// See ``FederationClient/secrets(_:timeoutSeconds:)``.
  func secrets(_ names: [SecretName]) async -> [Result<SecretBytes, RPCError>]
  /// See ``FederationClient/generate(_:)``.
  func generate(_ generator: GeneratorReference) async throws(RPCError) -> [String: SecretBytes]
  /// See ``FederationClient/revokeSelf(_:)``.
  func revokeSelf(_ generator: GeneratorReference) async throws(RPCError)
  /// Closes the connection.
  func close() async
}

extension FederationClient: FederationCalling {
  /// Fetches with the configured time.
  public func secrets(_ names: [SecretName]) async -> [Result<SecretBytes, RPCError>] {
    await secrets(names, timeoutSeconds: nil)
  }
}
