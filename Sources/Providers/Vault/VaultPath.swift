import FederationAPI

/// Paths below Vault's `v1/`.
enum VaultPath {
  /// One segment, encoded.
  static func encoded(_ segment: some StringProtocol) -> String {
    String(decoding: PercentEncoding.encode(Array(segment.utf8), keeping: PercentEncoding.isUnreserved), as: UTF8.self)
  }

  /// `path` with each segment encoded; nil when a segment is empty, `.` or `..`: Vault has no such key, and the path
  /// must not lead out of the mount.
  static func encoded(path: String) -> String? {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    guard segments.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { return nil }
    return segments.map { encoded($0) }.joined(separator: "/")
  }

  /// `key` below the mount, as External Secrets reads it: it may begin with the mount once more, and in a KV v2 engine
  /// then with `data`.
  static func key(_ key: String, mount: String, isVersioned: Bool) -> String {
    guard key.hasPrefix(mount + "/") else { return key }
    let rest = key.dropFirst(mount.count + 1)
    return String(isVersioned && rest.hasPrefix("data/") ? rest.dropFirst("data/".count) : rest)
  }
}
