import FederationAPI
import FederationClient
import Logging

/// The flags of `--federated-auth=spiffe`.
enum SPIFFEOptions {
  /// Throws a usage error.
  static func validate(_ options: CommandOptions) throws(Failure) {
    let id = options.federatedServerSpiffeID
    guard id.isEmpty || SPIFFEID.isValid(id) else {
      throw .usage("federated-server-spiffe-id \"\(id)\" is not a SPIFFE ID: write spiffe://TRUST-DOMAIN/PATH")
    }
    guard options.spiffeSVID.isEmpty == options.spiffeKey.isEmpty else {
      throw .usage("--spiffe-svid and --spiffe-key go together: give both, or --federated-socket-path")
    }
    guard options.spiffeSVID.isEmpty else {
      guard options.federatedSocketPath.isEmpty else {
        throw .usage("give --federated-socket-path, or --spiffe-svid with --spiffe-key, not both")
      }
      guard id.isEmpty || !options.spiffeBundle.isEmpty else {
        throw .usage("--federated-server-spiffe-id with --spiffe-svid needs --spiffe-bundle, which the ID is proved by")
      }
      return
    }
    guard options.spiffeBundle.isEmpty else { throw .usage("--spiffe-bundle goes with --spiffe-svid and --spiffe-key") }
    guard !socket(options).isEmpty else {
      throw .usage(
        "--federated-auth=spiffe needs --federated-socket-path, $SPIFFE_ENDPOINT_SOCKET, or --spiffe-svid with --spiffe-key"
      )
    }
    do throws(RPCError) {
      try SVIDSource.checkWorkloadAPI(socket(options))
    } catch {
      throw .usage("--federated-socket-path: \(error.message)")
    }
  }

  /// What the client proves itself with, of flags that were checked; nil for other methods.
  static func access(_ options: CommandOptions) throws(Failure) -> SPIFFEAccess? {
    guard options.federatedAuth == "spiffe" else { return nil }
    let serverID = options.federatedServerSpiffeID.isEmpty ? nil : options.federatedServerSpiffeID
    guard options.spiffeSVID.isEmpty else {
      let bundle = options.spiffeBundle.isEmpty ? nil : options.spiffeBundle
      return SPIFFEAccess(
        source: .files(certificate: options.spiffeSVID, key: options.spiffeKey, bundle: bundle), serverID: serverID)
    }
    do throws(RPCError) {
      return SPIFFEAccess(
        source: try .workloadAPI(socket(options), log: Log(level: .error)), serverID: serverID)
    } catch {
      throw .usage("--federated-socket-path: \(error.message)")
    }
  }

  private static func socket(_ options: CommandOptions) -> String {
    options.federatedSocketPath.isEmpty ? options.spiffeEndpointSocket : options.federatedSocketPath
  }
}
