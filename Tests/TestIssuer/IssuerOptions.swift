/// What the command line asks for.
struct IssuerOptions {
  static let usage = """
    usage: test-oidc-issuer --directory DIR [--subject SUBJECT] [--issuer NAME] [--audience NAME]…

    Serves discovery and keys on a free loopback port and writes ca.crt, server.crt, server.key, url, issuer,
    issuer.json and tokens into DIR, which must exist. SUBJECT is system:serviceaccount:NAMESPACE:NAME.
    Prints "ready issuer=URL" and runs until SIGTERM or SIGINT.
    """

  /// A command line that asks for nothing that can be done; the text is for stderr.
  struct Invalid: Error {
    let message: String
  }

  var directory = ""
  var subject = "system:serviceaccount:apps:app"
  var issuer: String?
  var audiences: [String] = []

  init(arguments: [String]) throws(Invalid) {
    var rest = arguments[...]
    while let flag = rest.popFirst() {
      guard let value = rest.popFirst() else { throw Invalid(message: "\(flag) needs a value\n\(Self.usage)") }
      switch flag {
      case "--directory": directory = value
      case "--subject": subject = value
      case "--issuer": issuer = value
      case "--audience": audiences.append(value)
      default: throw Invalid(message: "unknown flag \(flag)\n\(Self.usage)")
      }
    }
    guard !directory.isEmpty else { throw Invalid(message: "--directory is required\n\(Self.usage)") }
    if audiences.isEmpty { audiences = ["https://kubernetes.default.svc"] }
  }
}
