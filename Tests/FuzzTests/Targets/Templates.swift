import FederationAPI
import Templates

extension FuzzTarget {
  /// A template ends, within its limits, and says the same each time.
  static let template = FuzzTarget(text: "template") { text in
    var limits = TemplateLimits()
    limits.outputBytes = 4_096
    limits.steps = 5_000
    limits.handledBytes = 1 << 17
    guard let template = try? Template(text, limits: limits) else { return }
    let data: [String: SecretBytes] = [
      "user": SecretBytes("alice"), "password": SecretBytes("p\"ä<"), "number": SecretBytes("42"),
      "json": SecretBytes(#"{"a":[1,"x",{"b":null}],"c":2.5}"#), "b64": SecretBytes("aGk="),
      "binary": SecretBytes([0xFF, 0, 0xC3]),
    ]
    let output = try? template.applied(to: data)
    try hold((output?.count ?? 0) <= limits.outputBytes, "what a template writes is bounded")
    try hold(output == (try? template.applied(to: data)), "a template means one thing")
  }
}
