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
}
