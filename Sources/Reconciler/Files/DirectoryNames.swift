import Glibc

/// Lists directories.
enum DirectoryNames {
  /// The names in `directory` that are not hidden, in byte order; none when it cannot be read.
  static func list(_ directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0[..<($0.firstIndex(of: 0) ?? $0.endIndex)], as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
