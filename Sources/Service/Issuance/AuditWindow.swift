import FederationAPI
import Ledger

/// What callers did in one minute, and how often each of it since it was first written.
///
/// Bounded: what is too much to be told apart is counted together, by what was done and how it ended.
struct AuditWindow {
  /// Who did what from where, by its bytes.
  ///
  /// Swift's strings would take two spellings of one character for the same name, and two secrets or subjects for one.
  /// Hashed with a seed, since callers choose most of it.
  private struct Key: Hashable {
    private var bytes: [UInt8] = []

    init(_ parts: [String?], _ federations: Set<FederationReference>) {
      for part in parts { add(part) }
      for federation in federations.byName {
        add(federation.kind)
        add(federation.name)
      }
    }

    private mutating func add(_ part: String?) {
      // Lengths first, so that no part can hold what separates it from the next.
      bytes += (part.map { String($0.utf8.count) } ?? "-").utf8
      bytes.append(UInt8(ascii: ":"))
      bytes += (part ?? "").utf8
    }
  }

  static let maximumKeys = 16_384

  private var places: [Key: Int] = [:]
  private var noted: [(entry: AuditEntry, repeats: Int64)] = []
  /// Whether anything is still to be written when the minute ends.
  private(set) var hasRepeats = false

  /// Notes `entry`, done for `workload`. Gives what is to be written now, nil for what is counted until the minute ends.
  mutating func note(_ entry: AuditEntry, for workload: WorkloadBinding?) -> AuditEntry? {
    var entry = entry
    var key = Self.key(entry, workload)
    if places[key] == nil, noted.count >= Self.maximumKeys {
      (entry.identity, entry.target, entry.peer) = (nil, "(several)", nil)
      key = Self.key(entry, nil)
    }
    if let place = places[key] {
      noted[place].repeats += entry.count
      hasRepeats = true
      return nil
    }
    places[key] = noted.count
    noted.append((entry, 0))
    return entry
  }

  /// Ends the minute: what was repeated in it, each with its count.
  mutating func end() -> [AuditEntry] {
    defer { self = AuditWindow() }
    return noted.filter { $0.repeats > 0 }.map { noted in
      var entry = noted.entry
      entry.count = noted.repeats
      return entry
    }
  }

  private static func key(_ entry: AuditEntry, _ workload: WorkloadBinding?) -> Key {
    // Without the port, which is another with each connection.
    let address = entry.peer.map { peer in
      String(peer.utf8.lastIndex(of: UInt8(ascii: ":")).map { peer[..<$0] } ?? peer[...])
    }
    return Key(
      [
        entry.action.rawValue, entry.outcome, entry.identity?.method.rawValue, entry.identity?.provider,
        entry.identity?.subject, entry.target, address, workload?.kind, workload?.namespace, workload?.name,
        workload?.uid,
      ], entry.identity?.federations ?? [])
  }
}
