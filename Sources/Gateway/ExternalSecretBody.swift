import FederationAPI
import JSON

/// The body of `POST /secretstore/{store}/externalsecret`: `{"data":[…],"dataFrom":[…]}`, with `ca.crt` beside them.
struct ExternalSecretBody {
  /// `data` as JSON, empty when there is none.
  private(set) var data: [UInt8] = []
  /// `dataFrom` as JSON, empty when there is none.
  private(set) var dataFrom: [UInt8] = []

  /// Reads the body, empty or an object as ``CACertificatesReader`` found it; throws INVALID_ARGUMENT for a member that is
  /// not known, since it might be meant.
  init(_ body: [UInt8]) throws(RPCError) {
    guard !body.isEmpty else { return }
    guard let members = (try? JSONValue.parse(body))?.object else {
      throw RPCError(.invalidArgument, "the body must be a JSON object with data and dataFrom")
    }
    for (name, value) in members.sorted(by: { $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8) }) {
      switch name {
      case "data": data = value.encoded()
      case "dataFrom": dataFrom = value.encoded()
      case "ca.crt": break
      default:
        let shown = name.text.utf8.count <= 253 ? name.text : "\(Substring(name.text.unicodeScalars.prefix(64)))…"
        throw RPCError(.invalidArgument, "\(shown): unknown field")
      }
    }
  }
}
