/// `spec` of a generator of kind `BasicAuth`: a user name and a password.
public struct BasicAuthSpec: Sendable, Equatable {
  /// How the name is put together: prefix, words, suffix, digits.
  public struct Username: Sendable, Equatable {
    /// Letters of each word.
    public var length: Int
    /// What stands before the words.
    public var prefix: String
    /// What stands behind the words; the documented field is `sufix`.
    public var suffix: String
    /// How many words there are.
    public var wordCount: Int
    /// What stands between words.
    public var separator: String
    /// Whether four digits stand at the end.
    public var includeNumbers: Bool

    /// Makes a rule without checking it.
    public init(
      length: Int = 8, prefix: String = "", suffix: String = "", wordCount: Int = 1, separator: String = "_",
      includeNumbers: Bool = false
    ) {
      self.length = length
      self.prefix = prefix
      self.suffix = suffix
      self.wordCount = wordCount
      self.separator = separator
      self.includeNumbers = includeNumbers
    }
  }

  /// The name's rule.
  public var username: Username
  /// The password's rule.
  public var password: PasswordSpec

  /// Makes a spec without checking it.
  public init(username: Username = Username(), password: PasswordSpec = PasswordSpec()) {
    self.username = username
    self.password = password
  }
}
