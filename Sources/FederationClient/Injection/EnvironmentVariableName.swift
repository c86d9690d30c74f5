import FederationAPI

/// The rule that turns a secret's key into an environment variable's name.
public enum EnvironmentVariableName {
  /// Upper-case, and `_` for every character that is not an ASCII letter or digit:
  /// `database-url` gives `DATABASE_URL`.
  public static func derived(from key: String) -> String {
    var name = ""
    for scalar in key.unicodeScalars {
      switch scalar {
      case "a"..."z": name.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value) - 32))
      case "A"..."Z", "0"..."9": name.unicodeScalars.append(scalar)
      default: name.append("_")
      }
    }
    return name
  }

  /// Whether a name that a server chose may become a variable. Not those by which the system decides what code a
  /// program runs: who may name outputs would run code of their own. The list cannot hold every program's own variables.
  static func mayBeSetByServer(_ name: String) -> Bool {
    if name.utf8.count > Limits.secretName { return false }
    let decisive: Set = ["", "PATH", "GLIBC_TUNABLES", "GCONV_PATH", "BASH_ENV"]
    return !decisive.contains(name) && !name.hasPrefix("LD_")
  }
}
