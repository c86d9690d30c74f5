import CommandLineFlags
import FederationServer

/// The flags of `serve` for callers with X.509-SVIDs.
enum SPIFFEFlags {
  static let usage = """
      --spiffe-listen HOST:PORT
                              where to serve all wires to callers with X.509-SVIDs of a SpiffeFederation
      --spiffe-svid FILE      the server's own SVID there, PEM, leaf first; else it shows --tls-cert
      --spiffe-key FILE       its PEM private key
    """

  static let flags: [FlagParser.Flag] = [.init("spiffe-listen"), .init("spiffe-svid"), .init("spiffe-key")]

  static func apply(_ line: FlagParser.Parsed, to configuration: inout ServerConfiguration) throws(UsageError) {
    let (svid, key) = (line.values["spiffe-svid"], line.values["spiffe-key"])
    guard (svid == nil) == (key == nil) else { throw UsageError("--spiffe-svid and --spiffe-key belong together") }
    guard let text = line.values["spiffe-listen"] else {
      guard svid == nil else { throw UsageError("--spiffe-svid needs --spiffe-listen HOST:PORT") }
      return
    }
    let address = try ListenFlag(text, flag: "spiffe-listen")
    configuration.spiffe = SPIFFEListening(host: address.host, port: address.port)
    if let svid, let key { configuration.spiffe?.svid = (svid, key) }
  }
}
