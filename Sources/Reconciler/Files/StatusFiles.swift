import Resources
import FederationAPI
import FederationClient
import Glibc
import JSON

/// Statuses as `NAMESPACE/NAME.json` below a directory, mode 0600.
struct StatusFiles: Sendable {
  private static let suffix = ".json"
  private static let maximumBytes = 1 << 20

  let directory: String

  /// What earlier runs left. A file that is no status is passed over: the ExternalSecret is then as new.
  func readAll() -> [ResourceName: ExternalSecretStatus] {
    var statuses: [ResourceName: ExternalSecretStatus] = [:]
    for namespace in DirectoryNames.list(directory) where SafeName.isPlain(namespace) {
      for file in DirectoryNames.list("\(directory)/\(namespace)") where file.hasSuffix(Self.suffix) {
        let name = ResourceName(namespace: namespace, name: String(file.dropLast(Self.suffix.count)))
        let path = "\(directory)/\(namespace)/\(file)"
        guard
          let bytes = try? BoundedFile.read(path, limit: Self.maximumBytes, purpose: "status", isOwn: true),
          let document = try? JSONValue.parse(bytes), let status = ExternalSecretStatus(document)
        else { continue }
        statuses[name] = status
      }
    }
    return statuses
  }

  func write(_ status: ExternalSecretStatus, of name: ResourceName) throws(RPCError) {
    let path = try SafeName.path(name, in: directory, suffix: Self.suffix)
    let bytes = status.document.encoded() + [UInt8(ascii: "\n")]
    do throws(InjectionError) {
      try StagedFile(path: path, bytes: bytes.span.bytes).commit()
    } catch {
      throw RPCError(.failedPrecondition, error.message)
    }
  }

  func remove(_ name: ResourceName) throws(RPCError) {
    let path = try SafeName.path(name, in: directory, suffix: Self.suffix)
    guard unlink(path) == 0 || errno == ENOENT else {
      throw RPCError(.failedPrecondition, "cannot remove \(path): \(String(cString: strerror(errno)))")
    }
  }
}
