import JSON
import Kubernetes
import Logging

/// An object whose status is to be written.
struct DueStatus: Sendable {
  let title: String
  let kind: ServedKind
  let type: ResourceType
  let object: KubernetesObject
  let verdict: Verdict
}

/// Writes to the objects of a cluster what the server makes of them, for as long as this server leads.
struct StatusWriter: Sendable {
  private enum Outcome {
    case written
    /// The API does not keep what was written, or forbids it: to write it again would change nothing.
    case inVain
    /// The API cannot be asked now.
    case failed
  }

  /// Tries when somebody else writes to an object at the same time.
  private static let attempts = 5

  private let source: ClusterSource
  private let api: any ClusterAPI
  private let log: Log

  init(_ source: ClusterSource, _ api: any ClusterAPI, _ log: Log) {
    self.source = source
    self.api = api
    self.log = log
  }

  /// Writes what is due until the task is cancelled.
  func run() async {
    var inVain: [String: Verdict] = [:]
    var backoff = Backoff()
    for await _ in await source.statusChanges() {
      while !Task.isCancelled, await !writeAll(&inVain) {
        try? await Task.sleep(for: .seconds(backoff.next()))
      }
      backoff.reset()
    }
  }

  /// False when one could not be written, and has to be tried again. It does not hold up the others.
  private func writeAll(_ inVain: inout [String: Verdict]) async -> Bool {
    let due = await source.dueStatuses()
    let titles = Set(due.map(\.title))
    inVain = inVain.filter { titles.contains($0.key) }
    var isDone = true
    for status in due where inVain[status.title] != status.verdict {
      if Task.isCancelled { return true }
      switch await write(status) {
      case .written: break
      case .inVain: inVain[status.title] = status.verdict
      case .failed: isDone = false
      }
    }
    return isDone
  }

  private func write(_ due: DueStatus) async -> Outcome {
    var object = due.object
    for _ in 0..<Self.attempts {
      guard let patch = due.verdict.patch(of: object, type: due.kind.condition) else { return .written }
      do throws(KubernetesError) {
        let written = try await api.patchStatus(due.type, object.identity, patch)
        await source.note(written: written, due)
        return due.verdict.patch(of: written, type: due.kind.condition) == nil ? .written : .inVain
      } catch {
        guard error.kind == .conflict else { return outcome(of: error, due) }
      }
      do throws(KubernetesError) {
        object = try await api.object(due.type, object.identity)
      } catch {
        return outcome(of: error, due)
      }
      // A verdict on another state comes with that state's own event.
      guard object.uid == due.verdict.uid, object.generation == due.verdict.generation else { return .written }
    }
    return .failed
  }

  private func outcome(of error: KubernetesError, _ due: DueStatus) -> Outcome {
    if error.kind == .cancelled { return .failed }
    log.write(.warning, "status_not_written", ["object": due.title, "reason": error.message])
    return error.isRetryable || error.kind == .unauthorized ? .failed : .inVain
  }
}
