import FederationAPI
import HTTP1
import JSON

/// The body of `POST /generators/{namespace}/revoke`: `{"owner":"…","namespace":"…"}`, with `ca.crt` beside them.
struct RevokeBody {
  /// The owner's label, empty when the body names none.
  private(set) var owner = ""
  private var namespace: String?

  /// Reads the body; throws INVALID_ARGUMENT with what a caller has to mend.
  init(_ request: HTTPServerRequest) throws(RPCError) {
    guard !request.body.isEmpty else { return }
    guard RevokeBody.isJSON(request.head.fields.values(of: "content-type")) else {
      // The documented router's text, word for word.
      throw RPCError(.invalidArgument, "code=415, message=Unsupported Media Type")
    }
    guard let body = try? JSONValue.parse(request.body), body.object != nil else {
      throw RPCError(.invalidArgument, "the body must be a JSON object with owner and, if at all, namespace")
    }
    owner = try RevokeBody.text("owner", in: body) ?? ""
    namespace = try RevokeBody.text("namespace", in: body)
  }

  /// Throws when the body names another namespace than the path: the path's is the one that was authorised
  /// (docs/SECURITY.md, D10).
  func check(namespace path: String) throws(RPCError) {
    guard let namespace, !namespace.utf8.elementsEqual(path.utf8) else { return }
    throw RPCError(.invalidArgument, "namespace in the body must be the path's, or be left out")
  }

  private static func text(_ member: String, in body: JSONValue) throws(RPCError) -> String? {
    guard let value = body[member], value != .null else { return nil }
    guard let text = value.string else { throw RPCError(.invalidArgument, "\(member) in the body must be a string") }
    return text
  }

  /// Whether there is one media type and it is `application/json`, whatever its parameters (RFC 9110 section 8.3).
  private static func isJSON(_ types: [String]) -> Bool {
    guard types.count == 1, let type = types.first else { return false }
    let essence = type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
    return essence.lowercased() == "application/json"
  }
}
