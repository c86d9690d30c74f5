import FederationClient
import Glibc

/// Reads `--file-mode` and `--file-owner`.
enum FileFlags {
  /// What the flags ask for; throws a usage error that names the flag.
  static func attributes(_ options: CommandOptions) throws(Failure) -> FileAttributes {
    var attributes = FileAttributes(mode: try mode(options.fileMode))
    guard !options.fileOwner.isEmpty else { return attributes }
    let parts = options.fileOwner.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    attributes.user = try user(String(parts[0]), options)
    if parts.count > 1 { attributes.group = try group(String(parts[1]), options) }
    return attributes
  }

  /// Secrets that every user of the machine may read are a mistake more often than not.
  static func warnings(_ options: CommandOptions) -> [String] {
    guard let mode = UInt32(options.fileMode, radix: 8), mode & 0o007 != 0 else { return [] }
    return ["--file-mode=\(options.fileMode) opens the secrets to every user: --file-owner UID:GID with 0640 may do"]
  }

  private static func mode(_ text: String) throws(Failure) -> UInt32 {
    guard (3...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x37).contains($0) }),
      let mode = UInt32(text, radix: 8), mode <= 0o777
    else { throw .usage("--file-mode=\(text) is not a mode in octal, such as 0600 or 0640") }
    guard mode & 0o400 != 0 else { throw .usage("--file-mode=\(text) keeps the files' owner from reading them") }
    return mode
  }

  private static func user(_ text: String, _ options: CommandOptions) throws(Failure) -> UInt32 {
    if let number = number(text) { return number }
    guard let entry = text.isEmpty ? nil : getpwnam(text) else {
      throw .usage("--file-owner=\(options.fileOwner): there is no user \"\(text)\"; write a name or UID[:GID]")
    }
    return entry.pointee.pw_uid
  }

  private static func group(_ text: String, _ options: CommandOptions) throws(Failure) -> UInt32 {
    if let number = number(text) { return number }
    guard let entry = text.isEmpty ? nil : getgrnam(text) else {
      throw .usage("--file-owner=\(options.fileOwner): there is no group \"\(text)\"; write a name or UID:GID")
    }
    return entry.pointee.gr_gid
  }

  /// Not the highest number, which chown(2) takes for "as it is".
  private static func number(_ text: String) -> UInt32? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt32(text) else { return nil }
    return number == .max ? nil : number
  }
}
