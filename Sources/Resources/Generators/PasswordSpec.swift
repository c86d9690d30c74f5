/// `spec` of a generator of kind `Password`: random characters.
public struct PasswordSpec: Sendable, Equatable {
  /// How the characters are written, which is our reading of the field `encoding`.
  public enum Encoding: String, Sendable, CaseIterable {
    /// As they are.
    case raw
    /// RFC 4648 section 4, with padding.
    case base64
    /// RFC 4648 section 5, with padding.
    case base64url
    /// RFC 4648 section 6, with padding.
    case base32
    /// RFC 4648 section 8, in lower case.
    case hex
  }

  /// What symbols are drawn from unless a manifest says otherwise.
  public static let defaultSymbolCharacters = "~!@#$%^&*()_+`-={}|[]\\:\"<>?,./"

  /// How many characters there are before they are encoded, 1...4096.
  public var length: Int
  /// How many of them are digits.
  public var digits: Int
  /// How many of them are symbols.
  public var symbols: Int
  /// What symbols are drawn from: printable ASCII without letters and digits, no character twice.
  public var symbolCharacters: String
  /// Whether letters are in lower case only.
  public var noUpper: Bool
  /// Whether a character may come more than once.
  public var allowRepeat: Bool
  /// How the characters are written.
  public var encoding: Encoding

  /// Makes a spec without checking it; of 24 characters a quarter are digits and a quarter symbols.
  public init(
    length: Int = 24, digits: Int? = nil, symbols: Int? = nil,
    symbolCharacters: String = PasswordSpec.defaultSymbolCharacters, noUpper: Bool = false, allowRepeat: Bool = false,
    encoding: Encoding = .raw
  ) {
    self.length = length
    self.digits = digits ?? length / 4
    self.symbols = symbols ?? length / 4
    self.symbolCharacters = symbolCharacters
    self.noUpper = noUpper
    self.allowRepeat = allowRepeat
    self.encoding = encoding
  }
}
