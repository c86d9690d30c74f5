import Glibc

/// How a command line names a ledger that is not in a data directory.
enum LedgerFlags {
  static let flags: [FlagParser.Flag] = [.init("ledger"), .init("ledger-file")]
  private static let variable = "FEDERATION_LEDGER"
  private static let maximumBytes = 4_096

  /// The URL of `--ledger`, of the file in `--ledger-file`, or of the environment; nil when there is none.
  static func url(_ line: FlagParser.Parsed) throws(UsageError) -> String? {
    let given = line.values["ledger"]
    let file = line.values["ledger-file"]
    guard given == nil || file == nil else { throw UsageError("give --ledger or --ledger-file, not both") }
    if let given { return try checked(given, "--ledger") }
    if let file { return try checked(try read(file), "--ledger-file \(file)") }
    guard let inherited = getenv(variable), inherited.pointee != 0 else { return nil }
    return try checked(String(cString: inherited), "$\(variable)")
  }

  /// Never repeats the URL, which may hold a password.
  private static func checked(_ url: String, _ source: String) throws(UsageError) -> String {
    guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
      throw UsageError("\(source) must be a URL that begins with postgres://")
    }
    return url
  }

  private static func read(_ path: String) throws(UsageError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw UsageError("--ledger-file \(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0, count <= maximumBytes else {
      throw UsageError("--ledger-file \(path) must hold one URL of at most \(maximumBytes) bytes")
    }
    let words = bytes[..<count].split { $0 <= 0x20 }
    guard words.count == 1, let word = words.first else {
      throw UsageError("--ledger-file \(path) must hold one URL and nothing else")
    }
    return String(decoding: word, as: UTF8.self)
  }
}
