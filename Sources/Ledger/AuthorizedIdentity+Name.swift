import FederationAPI

extension AuthorizedIdentity {
  /// The longest name, as Kubernetes has it.
  static let maximumNameLength = 253

  /// The record's name: `<method>-<sanitised subject>-<10 hexadecimal digits>`.
  ///
  /// The digits come from method, provider and subject in full, since sanitising makes different subjects alike and two
  /// issuers may have the same subject.
  public static func name(method: AuthenticationMethod, provider: String, subject: String) -> String {
    let tail = "-" + digest(method: method, provider: provider, subject: subject).prefix(10)
    let sanitised = subject.unicodeScalars.map { scalar -> Character in
      switch scalar {
      case "A"..."Z": Character(Unicode.Scalar(UInt8(scalar.value) + 0x20))
      case "a"..."z", "0"..."9", "-": Character(scalar)
      default: "-"
      }
    }
    let trimmed = String(sanitised.drop { $0 == "-" }.reversed().drop { $0 == "-" }.reversed())
    let head = "\(method.rawValue)-\(trimmed)".prefix(maximumNameLength - tail.count)
    // What was cut within dashes, or had nothing but dashes, would end with one more.
    return String(head.reversed().drop { $0 == "-" }.reversed()) + tail
  }

  /// What records are told apart by. Ten digits in a name would not do: somebody who chooses subjects could find two
  /// that share them.
  static func digest(method: AuthenticationMethod, provider: String, subject: String) -> String {
    Digest.of([method.rawValue, provider, subject])
  }
}

extension IdentityReference {
  var digest: String { AuthorizedIdentity.digest(method: method, provider: provider, subject: subject) }
  /// The name of this identity's record.
  public var recordName: String { AuthorizedIdentity.name(method: method, provider: provider, subject: subject) }
}

extension AuditIdentity {
  var digest: String { AuthorizedIdentity.digest(method: method, provider: provider, subject: subject) }
}
