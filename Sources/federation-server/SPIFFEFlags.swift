import CommandLineFlags
import FederationAPI
import FederationServer
import Glibc
import WorkloadAPI

/// The flags of `serve` for callers with X.509-SVIDs.
enum SPIFFEFlags {
  static let usage = """
      --spiffe-listen HOST:PORT
                              where to serve all wires to callers with X.509-SVIDs of a SpiffeFederation
      --spiffe-svid FILE      the server's own SVID there, PEM, leaf first; else the Workload API's, else --tls-cert
      --spiffe-key FILE       its PEM private key
      --spiffe-workload-api unix:PATH
                              SPIFFE Workload API, for the server's SVID and the bundles that manifests do not
                              name; also $SPIFFE_ENDPOINT_SOCKET
    """

  static let flags: [FlagParser.Flag] = [
    .init("spiffe-listen"), .init("spiffe-svid"), .init("spiffe-key"), .init("spiffe-workload-api"),
  ]

  static func apply(_ line: FlagParser.Parsed, to configuration: inout ServerConfiguration) throws(UsageError) {
    let (svid, key) = (line.values["spiffe-svid"], line.values["spiffe-key"])
    guard (svid == nil) == (key == nil) else { throw UsageError("--spiffe-svid and --spiffe-key belong together") }
    guard let text = line.values["spiffe-listen"] else {
      for flag in ["spiffe-svid", "spiffe-workload-api"] where line.values[flag] != nil {
        throw UsageError("--\(flag) needs --spiffe-listen HOST:PORT")
      }
      return
    }
    let address = try ListenFlag(text, flag: "spiffe-listen")
    configuration.spiffe = SPIFFEListening(host: address.host, port: address.port)
    if let svid, let key { configuration.spiffe?.svid = (svid, key) }
    let inherited = getenv(WorkloadAPIAddress.environmentVariable).map { String(cString: $0) }
    guard let socket = line.values["spiffe-workload-api"] ?? inherited, !socket.isEmpty else { return }
    do throws(RPCError) {
      configuration.spiffe?.workloadAPI = try WorkloadAPIAddress(parsing: socket)
    } catch {
      throw UsageError("--spiffe-workload-api: \(error.message)")
    }
  }
}
