import FederationAPI
import JSON
import Ledger

extension JSONValue {
  /// The value on a line of its own.
  var line: String { String(decoding: encoded(), as: UTF8.self) + "\n" }

  /// A text, or `null`.
  fileprivate static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
  /// A time in RFC 3339, or `null`.
  fileprivate static func time(_ seconds: Int64?) -> JSONValue { text(seconds.map { Timestamp.text(seconds: $0) }) }
  /// What `text` says in JSON, or else the text.
  fileprivate static func parsed(_ text: String) -> JSONValue {
    (try? JSONValue.parse(Array(text.utf8), maximumByteCount: max(1, text.utf8.count))) ?? .string(text)
  }
  /// The same object with one more member.
  func with(_ name: String, _ value: JSONValue) -> JSONValue {
    var members = object ?? [:]
    members[name] = value
    return .object(members)
  }
}

extension GeneratorState {
  /// All that the ledger has of it.
  var document: JSONValue {
    [
      "name": .string(name), "namespace": .string(generator.namespace), "kind": .string(generator.kind),
      "generator": .string(generator.name), "phase": .string(phase.rawValue), "instance": .string(instance),
      "owner": [
        "name": .string(owner.name), "label": .string(owner.label),
        "attributes": .object(
          Dictionary(owner.attributes.map { (JSONName($0.key), .string($0.value)) }) { _, last in last }),
        "workload": owner.workload?.document ?? .null,
      ],
      "identity": identity.document, "record": .string(identity.recordName), "resource": .parsed(resource),
      "state": .parsed(state), "createdAt": .time(createdAtSeconds), "expiresAt": .time(expiresAtSeconds),
      "revocationReason": .text(revocationReason), "attempts": .number(Double(attempts)),
      "nextAttemptAt": attempts > 0 ? .time(nextAttemptAtSeconds) : .null, "lastError": .text(lastError),
    ]
  }
}

extension AuthorizedIdentity {
  /// The record with its entries.
  var document: JSONValue {
    [
      "name": .string(name), "identity": identity.document,
      "issuedCredentials": .array(issuedCredentials.map(\.document)),
    ]
  }
}

extension AuditEntry {
  /// The entry; what is not known of it is left out.
  var document: JSONValue {
    var document: JSONValue = [
      "id": .number(Double(id)), "time": .string(Timestamp.text(milliseconds: atMilliseconds)),
      "action": .string(action.rawValue), "outcome": .string(outcome), "target": .string(target),
      "count": .number(Double(count)),
    ]
    if let identity {
      document = document.with("method", .string(identity.method.rawValue)).with("issuer", .string(identity.provider))
        .with("subject", .string(identity.subject))
      if !identity.federations.isEmpty { document = document.with("federations", identity.federations.document) }
    }
    for (name, value) in [("state", stateName), ("owner", owner), ("peer", peer), ("detail", detail)] {
      if let value { document = document.with(name, .string(value)) }
    }
    return document
  }
}

extension IdentityReference {
  fileprivate var document: JSONValue {
    [
      "method": .string(method.rawValue), "issuer": .string(provider), "subject": .string(subject),
      "federations": federations.document,
    ]
  }
}

extension Set<FederationReference> {
  fileprivate var document: JSONValue {
    .array(byName.map { ["kind": .string($0.kind), "name": .string($0.name)] })
  }
}

extension WorkloadBinding {
  fileprivate var document: JSONValue {
    ["kind": .string(kind), "name": .string(name), "uid": .string(uid), "namespace": .string(namespace)]
  }
}

extension IssuedCredential {
  fileprivate var document: JSONValue {
    let source: JSONValue =
      switch source {
      case .secret(let store, let key): ["store": .string(store), "key": .string(key)]
      case .generator(let generator, let stateName):
        [
          "namespace": .string(generator.namespace), "kind": .string(generator.kind),
          "generator": .string(generator.name), "state": .string(stateName),
        ]
      }
    return source.with("workload", workload?.document ?? .null).with("lastIssuedAt", .time(lastIssuedAtSeconds))
  }
}
