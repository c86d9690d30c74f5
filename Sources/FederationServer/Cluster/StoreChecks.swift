import FederationAPI
import JSON
import Resources

/// Which stores' backends are to be asked, and what came of it.
struct StoreChecks {
  /// What an answer is about: another store, or other credentials, make it worthless.
  struct Subject: Sendable, Equatable {
    var uid: String
    var content: JSONValue
    /// The states of its Secrets, as ``ClusterSecrets`` counts them.
    var secrets: [ResourceName: Int]
  }

  /// A check to be made.
  struct Due: Sendable {
    var title: String
    var store: String
    fileprivate var subject: Subject
  }

  private struct Entry {
    var store: String
    var subject: Subject
    /// The state of the cluster since which the subject is so.
    var revision: UInt64
    var answer: StoreCheck?
    var dueAt: MonotonicTime
  }

  private var entries: [String: Entry] = [:]
  private var served: UInt64 = 0

  /// Notes the stores of a state of the cluster, by title.
  mutating func note(_ stores: [String: (name: String, subject: Subject)], revision: UInt64, at now: MonotonicTime) {
    entries = entries.filter { stores[$0.key] != nil }
    for (title, store) in stores where entries[title]?.subject != store.subject {
      entries[title] = Entry(store: store.name, subject: store.subject, revision: revision, dueAt: now)
    }
  }

  /// The server answers calls by that state, or a later one, from now on.
  mutating func note(served revision: UInt64) { served = max(served, revision) }

  /// Forgets every answer: another server may have found otherwise since.
  mutating func reset(at now: MonotonicTime) {
    for title in entries.keys {
      entries[title]?.answer = nil
      entries[title]?.dueAt = now
    }
  }

  /// The checks to be made now. A store that the server has not built yet cannot be asked.
  func due(at now: MonotonicTime) -> [Due] {
    entries.filter { $0.value.revision <= served && $0.value.dueAt <= now }.sorted { $0.key < $1.key }
      .map { Due(title: $0.key, store: $0.value.store, subject: $0.value.subject) }
  }

  /// When the next check is to be made; nil when there is none that can be.
  var next: MonotonicTime? { entries.values.filter { $0.revision <= served }.map(\.dueAt).min() }

  /// Notes what came of a check, the next of which is due at `next`; gives what was known before. An answer about what is
  /// no more changes nothing.
  mutating func note(_ answer: StoreCheck, of due: Due, next: MonotonicTime) -> StoreCheck? {
    guard let entry = entries[due.title], entry.subject == due.subject else { return answer }
    entries[due.title]?.dueAt = next
    entries[due.title]?.answer = answer
    return entry.answer
  }

  /// Whether the store of that title is one to be asked.
  func isAsked(_ title: String) -> Bool { entries[title] != nil }

  /// What is known of the store of that title; nil while it was not asked.
  func answer(_ title: String) -> StoreCheck? { entries[title]?.answer }
}
