import FederationAPI

/// Where a client finds a token, asked anew for every fetch because tokens are rotated.
public struct TokenSource: Sendable {
  private let read: @Sendable () async -> Result<String, RPCError>
  private let drop: (@Sendable (String) async -> Void)?

  /// Takes the token from `read`. Its error reaches the caller of the fetch.
  public init(_ read: @escaping @Sendable () async -> Result<String, RPCError>) {
    self.read = read
    drop = nil
  }

  /// As the other form, for a source that remembers tokens: `forget` is told of one that a server did not accept, and
  /// the source is asked once more.
  public init(
    read: @escaping @Sendable () async -> Result<String, RPCError>,
    forget: @escaping @Sendable (String) async -> Void
  ) {
    self.read = read
    drop = forget
  }

  /// Whether there may be another token now that `token` was not accepted.
  func forget(_ token: String) async -> Bool {
    guard let drop else { return false }
    await drop(token)
    return true
  }

  /// Reads a file, as kubelet keeps one for a service account. White space around the token is dropped.
  public static func file(_ path: String) -> TokenSource {
    TokenSource {
      do throws(RPCError) {
        guard let bytes = try BoundedFile.read(path, limit: Limits.token, purpose: "token file") else {
          return .failure(
            RPCError(.failedPrecondition, "there is no token file \(path)", credentialProblem: .fileUnusable))
        }
        return .success(String(decoding: bytes, as: UTF8.self))
      } catch {
        return .failure(error.about(.fileUnusable))
      }
    }
  }

  /// Always the same token.
  public static func fixed(_ token: String) -> TokenSource { TokenSource { .success(token) } }

  /// The token, checked to be one printable word: a header must not be split by what a file holds.
  func token() async throws(RPCError) -> String {
    let text = try await read().get()
    let bytes = text.utf8.drop { $0 <= 0x20 }
    let word = bytes.prefix { $0 > 0x20 && $0 < 0x7F }
    guard !word.isEmpty else {
      throw RPCError(.failedPrecondition, "the token is empty", credentialProblem: .fileUnusable)
    }
    guard bytes[word.endIndex...].allSatisfy({ $0 <= 0x20 }), word.count <= Limits.token else {
      throw RPCError(
        .failedPrecondition, "the token is not one word of at most \(Limits.token) printable characters",
        credentialProblem: .fileUnusable)
    }
    return String(decoding: word, as: UTF8.self)
  }
}
