import JSON
import Ledger

/// The answer of `ledger list`.
struct StateListing {
  let states: [GeneratorState]

  /// One line a state below a line of titles.
  var table: String {
    let titles = ["NAME", "GENERATOR", "OWNER", "PHASE", "CREATED", "EXPIRES", "SUBJECT"]
    let rows = states.map { state in
      [
        state.name, "\(state.generator)", state.owner.name, state.phase.rawValue,
        Timestamp.text(seconds: state.createdAtSeconds), state.expiry, state.identity.subject,
      ]
    }
    return TextTable(rows: [titles] + rows).text
  }

  /// An array of objects.
  var json: String { JSONValue.array(states.map(\.document)).line }
}

extension GeneratorState {
  /// One line for each of its parts.
  var details: String {
    var rows = [
      ["name:", name], ["generator:", "\(generator)"], ["phase:", phase.rawValue], ["owner:", owner.name],
      ["owner label:", owner.label],
    ]
    for (name, value) in owner.attributes.sorted(by: { $0.key < $1.key }) { rows.append(["owner \(name):", value]) }
    if let workload = owner.workload {
      rows.append(["workload:", "\(workload.kind) \(workload.namespace)/\(workload.name)"])
    }
    rows += [
      ["method:", identity.method.rawValue], ["issuer:", identity.provider], ["subject:", identity.subject],
      ["federations:", identity.federations.byName.map(\.description).joined(separator: ", ")],
      ["record:", identity.recordName],
      ["created:", Timestamp.text(seconds: createdAtSeconds)], ["expires:", expiry], ["instance:", instance],
      ["state:", state],
    ]
    if let revocationReason { rows.append(["revoked for:", revocationReason]) }
    if attempts > 0 {
      rows += [
        ["failed cleanups:", "\(attempts)"], ["next cleanup:", Timestamp.text(seconds: nextAttemptAtSeconds)],
        ["last error:", lastError ?? ""],
      ]
    }
    return TextTable(rows: rows).text
  }

  fileprivate var expiry: String { expiresAtSeconds.map { Timestamp.text(seconds: $0) } ?? "never" }
}
