import CommandLineFlags
import FederationAPI
import Glibc
import Ledger

/// The flags that say where the ledger is.
enum LedgerFlags {
  /// The flags of a ledger that servers share.
  static let sharedNames = ["ledger", "ledger-file"]
  static let names = ["data"] + sharedNames
  /// Names the ledger where no flag does; unlike a flag, it does not show in the list of processes.
  static let variable = "FEDERATION_LEDGER"
  static let usage = """
      --data DIR              the server's data directory
      --ledger URL            postgres://…, for servers that share a database
      --ledger-file FILE      a file that holds the URL
    One of them, or the URL in the environment variable \(variable): with a password in it, use that or the file,
    since flags show in the list of processes.
    """
  /// A URL is short; another file was named by mistake.
  private static let maximumBytes = 4_096

  /// The one ledger that the flags or the environment name.
  static func location(_ line: FlagParser.Parsed) throws(UsageError) -> LedgerLocation {
    if line.values["data"] != nil {
      guard let other = sharedNames.first(where: { line.values[$0] != nil }) else {
        return .directory(try line.required("data"))
      }
      throw UsageError("give one of --data and --\(other)")
    }
    guard let shared = try shared(line) else {
      throw UsageError("--data, --ledger, --ledger-file or \(variable) is required")
    }
    return shared
  }

  /// The ledger of `--ledger`, of the file in `--ledger-file`, or of the environment; nil when there is none.
  static func shared(_ line: FlagParser.Parsed) throws(UsageError) -> LedgerLocation? {
    let given = sharedNames.filter { line.values[$0] != nil }
    guard given.count <= 1 else { throw UsageError("give one of --ledger and --ledger-file") }
    switch given.first {
    case "ledger": return try server(line.required("ledger"), from: "--ledger")
    case "ledger-file": return try server(contents(of: line.required("ledger-file")), from: "--ledger-file")
    default:
      guard let value = getenv(variable).map({ String(cString: $0) }), !value.isEmpty else { return nil }
      return try server(value, from: variable)
    }
  }

  private static func server(_ text: String, from source: String) throws(UsageError) -> LedgerLocation {
    // The text itself may hold a password.
    guard ["postgres://", "postgresql://"].contains(where: { text.hasPrefix($0) }) else {
      throw UsageError("\(source) has to hold a postgres:// URL")
    }
    return .postgreSQL(SecretBytes(text))
  }

  private static func contents(of path: String) throws(UsageError) -> String {
    let bytes: [UInt8]
    do throws(RPCError) {
      guard let found = try BoundedFile.read(path, limit: maximumBytes, purpose: "file of the ledger's URL") else {
        throw RPCError(.notFound, "there is no file \(path)")
      }
      bytes = found
    } catch { throw UsageError("--ledger-file: \(error.message)") }
    let words = bytes.split { $0 <= 0x20 }
    guard words.count == 1, let word = words.first else {
      throw UsageError("--ledger-file: \(path) has to hold one URL and nothing else")
    }
    return String(decoding: word, as: UTF8.self)
  }
}
