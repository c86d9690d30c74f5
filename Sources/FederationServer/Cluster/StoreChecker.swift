import FederationAPI
import Logging

/// Asks stores whether their backends let the server in, for as long as this server leads.
struct StoreChecker: Sendable {
  /// How many are asked at once.
  private static let concurrency = 4

  private let source: ClusterSource
  private let facts: ServerFacts
  private let log: Log

  init(_ source: ClusterSource, _ facts: ServerFacts, _ log: Log) {
    self.source = source
    self.facts = facts
    self.log = log
  }

  /// Makes each check when it is due, until the task is cancelled.
  func run() async {
    let wakes = await source.checkChanges()
    var timer: Task<Void, Never>?
    for await _ in wakes {
      timer?.cancel()
      _ = await source.dueChecks().concurrentMap(atMost: Self.concurrency) { await check($0) }
      guard let next = await source.nextCheck else { continue }
      timer = Task { [source] in
        try? await Task.sleep(nanoseconds: MonotonicTime.now.nanoseconds(until: next))
        if !Task.isCancelled { await source.wakeChecks() }
      }
    }
    timer?.cancel()
  }

  private func check(_ due: StoreChecks.Due) async {
    let answer = await answer(due.store)
    guard !Task.isCancelled else { return }
    let usual = answer == .passed ? facts.intervals.check : facts.intervals.checkAgain
    let pause = usual * .random(in: 0.9...1.1)
    let before = await source.note(answer, of: due, next: MonotonicTime.now.advanced(bySeconds: pause))
    switch (before, answer) {
    case (_, .failed(let reason)) where before != answer:
      log.write(.warning, "store_check_failed", ["store": due.store, "reason": reason])
    case (.failed, .passed): log.write(.info, "store_check_passed", ["store": due.store])
    default: break
    }
  }

  /// The store's answer, or that there is none in time. The store is not told that nobody waits any more, since it would
  /// take that for a backend that fails; its own limits end the check.
  private func answer(_ store: String) async -> StoreCheck {
    let limit = facts.intervals.checkLimit
    let (answers, told) = AsyncStream<StoreCheck>.makeStream(bufferingPolicy: .bufferingOldest(1))
    Task { [facts] in
      told.yield(Self.steady(await facts.check(store)))
      told.finish()
    }
    let timer = Task {
      try? await Task.sleep(for: .seconds(limit))
      told.yield(.failed(reason: "it did not answer within \(Int(limit)) s"))
      told.finish()
    }
    defer { timer.cancel() }
    for await answer in answers { return answer }
    return .noStore
  }

  /// Without how long it took to fail, which is another time each time: a status is not to be written for that.
  private static func steady(_ check: StoreCheck) -> StoreCheck {
    guard case .failed(let reason) = check else { return check }
    var kept: [Substring] = []
    var words = reason.split(separator: " ", omittingEmptySubsequences: false)[...]
    while let word = words.popFirst() {
      if word == "after", words.count >= 2, let before = kept.last, words[words.startIndex].allSatisfy(\.isNumber) {
        let unit = words[words.startIndex + 1]
        if let end = ["milliseconds", "ms"].first(where: { unit.hasPrefix($0) }).map({ unit.dropFirst($0.count) }) {
          kept[kept.count - 1] = before + end
          words = words.dropFirst(2)
          continue
        }
      }
      kept.append(word)
    }
    return .failed(reason: kept.joined(separator: " "))
  }
}
