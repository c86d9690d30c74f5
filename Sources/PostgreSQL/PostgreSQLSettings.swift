import CPostgreSQL
import FederationAPI

/// Where a server is and how to log in to it. Its description shows no part of that.
public struct PostgreSQLSettings: Sendable, CustomStringConvertible {
  /// libpq's parameters by keyword, without the password.
  /// Source: https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS
  public var parameters: [String: String]
  /// The password; nil for logins without one.
  public var password: SecretBytes?
  /// Certificates that verify the server, in place of the parameter `sslrootcert`.
  public var trust: TrustFile?
  /// Settings that each session starts with, for example `statement_timeout`. A name or value has no space.
  public var session: [String: String]
  /// Seconds for a call in all: the wait for a connection, the connection's opening and the call itself.
  public var timeoutSeconds: Double

  /// Makes settings from libpq's parameters.
  public init(
    parameters: [String: String], password: SecretBytes?, session: [String: String] = [:], timeoutSeconds: Double = 1.5
  ) {
    self.parameters = parameters
    self.password = password
    self.session = session
    self.timeoutSeconds = timeoutSeconds
  }

  /// Reads a `postgres://` URL or a text such as `host=db user=server`.
  public init(parsing text: String) throws(PostgreSQLError) {
    // libpq's own message would repeat a part of the text, and that may be the password.
    let refusal = PostgreSQLError(
      sqlState: nil, message: "the connection settings are neither a postgres:// URL nor libpq parameters")
    guard !text.contains("\u{0}"), !text.isEmpty, let options = PQconninfoParse(text, nil) else { throw refusal }
    defer { PQconninfoFree(options) }
    var parameters: [String: String] = [:]
    var password: SecretBytes?
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        let text = String(cString: value)
        if String(cString: keyword) == "password" {
          password = SecretBytes(text)
        } else {
          parameters[String(cString: keyword)] = text
        }
      }
      option += 1
    }
    self.init(parameters: parameters, password: password)
  }

  /// Nothing: the parameters tell an inner address.
  public var description: String { "PostgreSQL settings" }

  /// What the server's sessions get so that it notices within 10 s that this machine is gone, and gives up the locks
  /// that it held. Known to PostgreSQL 12 and newer.
  public static let vanishedClientDetection = [
    "tcp_keepalives_idle": "3", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "2", "tcp_user_timeout": "8000",
  ]

  /// What libpq is given, the password apart.
  var complete: [String: String] {
    // A dead peer is noticed in seconds also where nobody waits for an answer.
    var all = [
      "keepalives": "1", "keepalives_idle": "3", "keepalives_interval": "1", "keepalives_count": "3",
      "tcp_user_timeout": "5000", "fallback_application_name": "ese-federation", "gssencmode": "disable",
    ]
    all.merge(parameters) { _, given in given }
    all["client_encoding"] = "UTF8"
    if let trust { all["sslrootcert"] = trust.path }
    let options = session.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value)" }
    all["options"] = (options + [parameters["options"] ?? ""]).joined(separator: " ")
    return all
  }

  /// `message` in one line and without the password.
  func sanitised(_ message: String) -> String {
    let words = message.split { $0.isNewline || $0 == " " || $0 == "\t" }.joined(separator: " ")
    guard let text = password?.text, !text.isEmpty else { return words }
    return words.replacing(text, with: "…")
  }
}
