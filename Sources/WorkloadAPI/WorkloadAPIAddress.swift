import FederationAPI

/// Where a Workload API is: a Unix socket, written as `unix:///path`, as `unix:/path` or as the path alone.
public struct WorkloadAPIAddress: Sendable, Hashable, CustomStringConvertible {
  /// The variable of the environment that names it where nothing else does (SPIFFE Workload Endpoint, section 4).
  public static let environmentVariable = "SPIFFE_ENDPOINT_SOCKET"

  /// The socket's absolute path.
  public let path: String

  /// Reads an address. Throws INVALID_ARGUMENT that says what to write; TCP, which the standard allows, is refused: whoever
  /// reaches its port is given the key.
  public init(parsing text: String) throws(RPCError) {
    func invalid(_ reason: String) -> RPCError {
      RPCError(.invalidArgument, "the Workload API's address \(reason); write unix:///PATH/TO/SOCKET")
    }
    var path = Substring(text)
    if text.hasPrefix("unix:") {
      path = path.dropFirst("unix:".count)
      if path.hasPrefix("//") { path = path.dropFirst(2) }
    } else if text.contains(":") && !text.hasPrefix("/") {
      throw invalid("is not a Unix socket's")
    }
    guard path.hasPrefix("/"), path.utf8.count > 1 else { throw invalid("has no absolute path") }
    guard !path.contains(where: { "?#\0".contains($0) }) else { throw invalid("holds a query or a fragment") }
    guard path.utf8.count <= 107 else { throw invalid("is longer than the 107 bytes of a socket's path") }
    self.path = String(path)
  }

  /// For example `unix:///run/spire/agent.sock`.
  public var description: String { "unix://\(path)" }
}
