import Resources
import Synchronization

/// How often what the server is configured by was read, and what there is of it.
final class ConfigurationCounts: Sendable {
  /// What is read again while the server runs.
  enum Subject: String, CaseIterable {
    case manifests
    case certificates
    case trustBundles = "trust_bundles"
  }

  /// Readings of one subject.
  struct Reloads: Equatable {
    var succeeded: UInt64 = 0
    var failed: UInt64 = 0
    /// Whether the last one did; the first, at the start, has.
    var isGood = true
  }

  private struct State {
    var reloads: [Subject: Reloads] = [:]
    var resources: [String: Int] = [:]
  }

  private let state = Mutex(State())

  /// One was read again. What could not be used left the last good one in use.
  func reloaded(_ subject: Subject, _ isGood: Bool) {
    state.withLock { state in
      state.reloads[subject, default: Reloads()].isGood = isGood
      if isGood {
        state.reloads[subject, default: Reloads()].succeeded += 1
      } else {
        state.reloads[subject, default: Reloads()].failed += 1
      }
    }
  }

  /// These are in use now.
  func use(_ manifests: Manifests) {
    let counts = manifests.countsByKind
    state.withLock { $0.resources = counts }
  }

  subscript(subject: Subject) -> Reloads { state.withLock { $0.reloads[subject] ?? Reloads() } }

  /// Resources in use, by kind.
  var resources: [String: Int] { state.withLock { $0.resources } }
}
