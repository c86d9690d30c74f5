import FoundationEssentials
import Glibc
import Ledger

/// The flags that say where the ledger is.
enum LedgerFlags {
  static let names = ["data", "ledger", "ledger-file"]
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
  private static let maximumBytes = 16_384

  /// The ledger that the flags or the environment name.
  static func location(_ line: FlagParser.Parsed) throws(UsageError) -> LedgerLocation {
    let given = names.filter { line.values[$0] != nil }
    guard given.count <= 1 else {
      throw UsageError("give one of " + given.map { "--\($0)" }.joined(separator: " and "))
    }
    switch given.first {
    case "data": return .directory(try line.required("data"))
    case "ledger": return try server(line.required("ledger"), from: "--ledger")
    case "ledger-file": return try server(contents(of: line.required("ledger-file")), from: "--ledger-file")
    default:
      guard let value = getenv(variable).map({ String(cString: $0) }), !value.isEmpty else {
        throw UsageError("--data, --ledger, --ledger-file or \(variable) is required")
      }
      return try server(value, from: variable)
    }
  }

  private static func server(_ text: String, from source: String) throws(UsageError) -> LedgerLocation {
    // The text itself may hold a password.
    guard ["postgres://", "postgresql://"].contains(where: { text.hasPrefix($0) }) else {
      throw UsageError("\(source) has to hold a postgres:// URL")
    }
    return .postgreSQL(text)
  }

  private static func contents(of file: String) throws(UsageError) -> String {
    let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size]) as? any BinaryInteger
    guard let size, Int(clamping: size) <= maximumBytes, let data = FileManager.default.contents(atPath: file),
      let text = String(validating: data, as: UTF8.self)
    else { throw UsageError("--ledger-file: cannot read \(file), or it has more than \(maximumBytes) bytes") }
    return text.split { $0.isWhitespace }.first.map(String.init) ?? ""
  }
}
