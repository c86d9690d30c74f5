import FederationAPI
import Testing

@testable import Service

/// D19: every owner has a label, and no two have the same.
@Suite struct OwnerLabelTests {
  private static let hostile = [
    "system:serviceaccount:a:b", "system-serviceaccount-a-b", "system:serviceaccount:a-b", "system:serviceaccount-a:b",
    String(repeating: "a", count: 63), String(repeating: "a", count: 64), String(repeating: "a", count: 300),
    String(repeating: "a", count: 299) + "b", "caf\u{E9}", "cafe\u{301}", "\u{65E5}\u{672C}", "\u{212A}", "K", "k",
    "***",
    "///", ":::", "---", "_", ".", " ", "  ", "", "-a", "a-", "a", "a b", "a\nb", "a\u{0}b", "app-0", "app.0", "app_0",
    String(repeating: ":", count: 400), "spiffe://example.org/app/ns/x", "a,b", "a=b",
  ]

  @Test("D19: a label's value for every owner, another for each, and itself where it can be")
  func distinct() {
    let labels = Self.hostile.map { OwnerLabel.make($0) }
    for (owner, label) in zip(Self.hostile, labels) { #expect(OwnerLabel.isValid(label), "\(owner) \(label)") }
    #expect(Set(labels).count == Self.hostile.count)
    for owner in ["app-0", "app.0", "app_0", "K", "a", String(repeating: "a", count: 63), "backup-1700000000"] {
      #expect(OwnerLabel.make(owner) == owner)
    }
    #expect(OwnerLabel.make("system:serviceaccount:a:b").hasPrefix("system-serviceaccount-a-b_"))
  }

  @Test("an owner that is called what another is labelled gets another label")
  func takenLabels() {
    var labels = Set(Self.hostile.map { OwnerLabel.make($0) })
    let derived = labels.subtracting(Self.hostile)
    #expect(derived.count > 10)
    for label in derived { #expect(labels.insert(OwnerLabel.make(label)).inserted, "\(label)") }
  }

  @Test("a state's name is one that Kubernetes takes, and new each time")
  func stateNames() throws {
    let long = String(repeating: "n", count: 253)
    var names: Set<String> = []
    for (kind, name) in [
      ("PostgreSql", "db"), ("Webhook", long), ("Webhook", "a.b.c"), ("_Kind", "-"), ("\u{130}x", "\u{65E5}"), ("", ""),
    ] {
      for owner in Self.hostile {
        let generator = GeneratorReference(namespace: "n", kind: kind, name: name)
        let state = try StateName.make(generator, ownerLabel: OwnerLabel.make(owner))
        for state in [state, StateName.second(state)] {
          #expect(state.utf8.count <= 253)
          #expect(state.wholeMatch(of: /[a-z0-9]([-a-z0-9]*[a-z0-9])?/) != nil, "\(state)")
          #expect(names.insert(state).inserted)
        }
      }
    }
  }
}
