import FederationAPI
import FederationClient

/// What an agent asks of a federation server; a ``FederationClient`` does it.
public protocol FederationCalling: AnyObject, Sendable {
  /// Which server, for logs.
  var serverURL: String { get }
  /// See ``FederationClient/resolve(store:data:dataFrom:noteStale:)``.
  func resolve(
    store: String, data: [UInt8], dataFrom: [UInt8], noteStale: @Sendable (UInt32) -> Void
  ) async throws(RPCError) -> [String: SecretBytes]
  /// See ``FederationClient/secrets(_:timeoutSeconds:noteStale:)``.
  func secrets(_ names: [SecretName], noteStale: @escaping StaleSecretNote) async -> [Result<SecretBytes, RPCError>]
  /// See ``FederationClient/generate(_:)``.
  func generate(_ generator: GeneratorReference) async throws(RPCError) -> [String: SecretBytes]
  /// See ``FederationClient/revokeSelf(_:)``.
  func revokeSelf(_ generator: GeneratorReference) async throws(RPCError)
  /// Tells `changed` of each change of `secrets`, as ``FederationClient/watch(_:)`` does; gives why it ends.
  func watch(_ secrets: [SecretReference], changed: @Sendable (SecretChange) async -> Void) async -> RPCError
  /// Closes the connection.
  func close() async
}

extension FederationClient: FederationCalling {
  /// Fetches with the configured time.
  public func secrets(
    _ names: [SecretName], noteStale: @escaping StaleSecretNote
  ) async -> [Result<SecretBytes, RPCError>] {
    await secrets(names, timeoutSeconds: nil, noteStale: noteStale)
  }

  /// Watches until it cannot, or its task is cancelled.
  public func watch(
    _ secrets: [SecretReference], changed: @Sendable (SecretChange) async -> Void
  ) async -> RPCError {
    do throws(RPCError) {
      for try await change in watch(secrets) { await changed(change) }
      return RPCError(.internal, "the watch ended without a reason")
    } catch {
      return error
    }
  }
}
