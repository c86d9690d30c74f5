/// `spec` of a generator of kind `PostgreSql`: a login role for each caller.
public struct PostgreSqlSpec: Sendable, Equatable {
  /// How far the server's certificate is checked, as libpq's `sslmode`. Our addition.
  public enum SSLMode: String, Sendable, CaseIterable {
    /// No TLS.
    case disable
    /// TLS where the server has it, unchecked.
    case prefer
    /// TLS, unchecked.
    case require
    /// TLS, with a certificate that ``PostgreSqlSpec/caBundle`` verifies.
    case verifyCA = "verify-ca"
    /// TLS, with such a certificate for ``PostgreSqlSpec/host``.
    case verifyFull = "verify-full"
  }

  /// The role to be made.
  public struct User: Sendable, Equatable {
    /// What the role's name begins with.
    public var username: String
    /// Characters of random suffix after `username` and `_`; 0 for none.
    public var suffixSize: Int
    /// Role attributes, for example `CREATEDB`; `CONNECTION_LIMIT` has a value.
    public var attributes: [Attribute]
    /// Roles that it is made a member of; created without attributes where they are missing.
    public var roles: [String]
    /// Whether cleanup drops what the role owns; else that is reassigned.
    public var destructiveCleanup: Bool
    /// Who gets what the role owns; nil for the generator's own login.
    public var reassignTo: String?

    /// Makes a user.
    public init(
      username: String, suffixSize: Int = 8, attributes: [Attribute] = [], roles: [String] = [],
      destructiveCleanup: Bool = false, reassignTo: String? = nil
    ) {
      self.username = username
      self.suffixSize = suffixSize
      self.attributes = attributes
      self.roles = roles
      self.destructiveCleanup = destructiveCleanup
      self.reassignTo = reassignTo
    }
  }

  /// One role attribute.
  public enum Attribute: Sendable, Equatable {
    case superuser, createDB, createRole, replication, noInherit, bypassRLS
    case connectionLimit(Int)
  }

  /// The database to connect to.
  public var database: String
  /// Name or address of the server, or the directory of its socket.
  public var host: String
  /// Its TCP port.
  public var port: UInt16
  /// The login that may create roles.
  public var username: String
  /// Where its password is.
  public var password: SecretKeySelector
  /// The role to be made.
  public var user: User
  /// How far the server's certificate is checked.
  public var sslMode: SSLMode
  /// PEM certificates that verify the server; nil for the system's.
  public var caBundle: [UInt8]?

  /// Makes a spec without checking it.
  public init(
    database: String = "postgres", host: String, port: UInt16 = 5_432, username: String, password: SecretKeySelector,
    user: User, sslMode: SSLMode = .prefer, caBundle: [UInt8]? = nil
  ) {
    self.database = database
    self.host = host
    self.port = port
    self.username = username
    self.password = password
    self.user = user
    self.sslMode = sslMode
    self.caBundle = caBundle
  }
}
