import Resources
import Crypto
import FederationAPI
import FederationClient
import Glibc

/// Secrets as files, `NAMESPACE/NAME.yaml` below a directory: mode 0600, put in place by rename, and never outside the
/// directory.
public struct FileTarget: SecretTarget {
  private static let suffix = ".yaml"
  /// A Secret's values have a mebibyte at most; in base64, with labels and annotations, a file is longer.
  private static let maximumBytes = 4 << 20

  private let directory: String
  private let file: TargetFile

  /// Makes a target; `directory` is an absolute path, made when it is not there.
  public init(directory: String, format: TargetFormat = .secret) {
    self.directory = directory
    file = TargetFile(format: format)
  }

  /// A file goes when its owner's manifest does, and then somebody has to remove it.
  public var collectsGarbage: Bool { false }

  /// Reads the file.
  public func secret(_ name: ResourceName) async throws(RPCError) -> TargetSecret? {
    let path = try path(name)
    guard let bytes = try Self.read(path) else { return nil }
    guard var secret = file.secret(bytes, name: name) else { throw Self.isForeign(path) }
    secret.revision = Self.revision(bytes)
    return secret
  }

  /// Writes the file by way of a temporary one.
  public func write(_ secret: TargetSecret) async throws(RPCError) {
    let path = try path(secret.name)
    try check(secret, path)
    let text = try file.text(of: secret)
    do throws(InjectionError) {
      try StagedFile(path: path, bytes: text.span.bytes).commit()
    } catch {
      throw RPCError(.failedPrecondition, error.message)
    }
  }

  /// Removes the file.
  public func delete(_ secret: TargetSecret) async throws(RPCError) {
    let path = try path(secret.name)
    guard access(path, F_OK) == 0 else { return }
    try check(secret, path)
    guard unlink(path) == 0 || errno == ENOENT else {
      throw RPCError(.failedPrecondition, "cannot remove \(path): \(String(cString: strerror(errno)))")
    }
  }

  /// Looks at every file of the namespace.
  public func secrets(ownedBy owner: ResourceName) async throws(RPCError) -> [TargetSecret] {
    var owned: [TargetSecret] = []
    for name in names(in: owner.namespace) {
      // What is no Secret of ours is owned by nobody.
      if let secret = try? await secret(name), secret.owner?.name == owner.name { owned.append(secret) }
    }
    return owned
  }

  /// Looks at every file.
  public func owners() async -> [ResourceName] {
    var owners: Set<ResourceName> = []
    for namespace in DirectoryNames.list(directory) where SafeName.isPlain(namespace) {
      for name in names(in: namespace) {
        guard let owner = (try? await secret(name))?.owner else { continue }
        owners.insert(ResourceName(namespace: namespace, name: owner.name))
      }
    }
    return Array(owners)
  }

  private func names(in namespace: String) -> [ResourceName] {
    guard SafeName.isPlain(namespace) else { return [] }
    return DirectoryNames.list("\(directory)/\(namespace)").filter { $0.hasSuffix(Self.suffix) }
      .map { ResourceName(namespace: namespace, name: String($0.dropLast(Self.suffix.count))) }
  }

  private func path(_ name: ResourceName) throws(RPCError) -> String {
    let path = try SafeName.path(name, in: directory, suffix: Self.suffix)
    // A link in the namespace's place would lead the files elsewhere.
    var status = stat()
    if lstat("\(directory)/\(name.namespace)", &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
      throw RPCError(.failedPrecondition, "\(directory)/\(name.namespace) is no directory; remove it")
    }
    return path
  }

  /// Throws ABORTED when the file is not as it was when `secret` was read.
  private func check(_ secret: TargetSecret, _ path: String) throws(RPCError) {
    let now = try Self.read(path).map(Self.revision)
    guard now == secret.revision else { throw RPCError(.aborted, "\(path) was changed meanwhile") }
  }

  private static func read(_ path: String) throws(RPCError) -> [UInt8]? {
    try BoundedFile.read(path, limit: maximumBytes, purpose: "target", isOwn: true)
  }

  private static func revision(_ bytes: [UInt8]) -> String { Hexadecimal.encode(SHA256.digest(bytes)) }

  private static func isForeign(_ path: String) -> RPCError {
    RPCError(.failedPrecondition, "\(path) is no file of this agent's format; move it away")
  }
}
