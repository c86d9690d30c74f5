import FederationAPI
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(1))) struct SharedFetchesTests {
  private typealias Fetches = SharedFetches<String, Int>

  /// A fetch that waits for its turn as in a line, which cancelling ends, and then for its answer.
  private struct Fetch {
    let turn = OneAnswer<Bool>()
    let begun = OneAnswer<Bool>()
    let value = OneAnswer<Int>()

    var body: Fetches.Fetch {
      { [turn, begun, value] its in
        _ = await turn.wait(givenUp: false)
        begun.tell(its.begins())
        return .success(await value.wait(givenUp: 0))
      }
    }

    /// Waits until it has had its turn; whether somebody still wanted it then.
    func wasWanted() async -> Bool { await begun.wait(givenUp: false) }
  }

  private func text(_ outcome: Fetches.Outcome) -> String {
    switch outcome {
    case .answered(.success(let value)): "\(value)"
    case .answered(.failure(let error)): error.reason
    case .full: "full"
    case .overShare: "over share"
    case .late: "late"
    case .givenUp: "given up"
    }
  }

  private func wait(_ fetches: Fetches, _ count: Int) async {
    while fetches.waiting != count, !Task.isCancelled { await Task.yield() }
  }

  /// Asks, and gives the task once it waits.
  private func ask(
    _ fetches: Fetches, _ key: String, asksBackend: Bool = false, of caller: Int? = nil, _ fetch: Fetch = Fetch()
  ) async -> Task<String, Never> {
    let before = fetches.waiting
    let task = Task {
      text(await fetches.answer(key, asksBackend: asksBackend, of: caller, fetch: fetch.body))
    }
    await wait(fetches, before + 1)
    return task
  }

  @Test("a fetch in line is dropped when the last who waited for it has left")
  func dropped() async {
    let (fetches, fetch) = (Fetches(maximumWaiting: 8), Fetch())
    let first = await ask(fetches, "k", fetch)
    let second = await ask(fetches, "k")
    first.cancel()
    #expect(await first.value == "given up")
    #expect(fetches.count == 1)
    second.cancel()
    #expect(await second.value == "given up")
    #expect(fetches.count == 0)
    #expect(await !fetch.wasWanted())
  }

  @Test("a fetch that has begun goes on for whoever comes, when those who waited have left")
  func goesOn() async {
    let (fetches, fetch) = (Fetches(maximumWaiting: 8), Fetch())
    let first = await ask(fetches, "k", fetch)
    fetch.turn.tell(true)
    #expect(await fetch.wasWanted())
    first.cancel()
    #expect(await first.value == "given up")
    let second = await ask(fetches, "k")
    fetch.value.tell(7)
    #expect(await second.value == "7")
    #expect(fetches.count == 0 && fetches.waiting == 0)
  }

  @Test("callers who come and leave, a thousand of them, leave nothing behind")
  func bounded() async {
    let fetches = Fetches(maximumWaiting: 8)
    for number in 0..<1_000 {
      let task = await ask(fetches, "k\(number)")
      task.cancel()
      #expect(await task.value == "given up")
    }
    #expect(fetches.count == 0 && fetches.waiting == 0)
  }

  @Test("one caller has as many places as it leaves free, and another always has one")
  func shares() async {
    let fetches = Fetches(maximumWaiting: 8)
    var tasks: [Task<String, Never>] = []
    for number in 0..<4 { tasks.append(await ask(fetches, "a\(number)", of: 1)) }
    #expect(text(await fetches.answer("a4", of: 1, fetch: Fetch().body)) == "over share")
    for number in 0..<2 { tasks.append(await ask(fetches, "b\(number)", of: 2)) }
    #expect(text(await fetches.answer("b2", of: 2, fetch: Fetch().body)) == "over share")
    tasks.append(await ask(fetches, "c", of: 3))
    tasks.append(await ask(fetches, "d"))
    #expect(text(await fetches.answer("e", fetch: Fetch().body)) == "full")
    for task in tasks { task.cancel() }
    for task in tasks { #expect(await task.value == "given up") }
    // What was left can be had again.
    let again = await ask(fetches, "a4", of: 1)
    again.cancel()
    _ = await again.value
  }

  @Test("who asks for the backend's own answer shares a fetch that has yet to begin, and no other")
  func asksBackend() async {
    let fetches = Fetches(maximumWaiting: 8)
    let (ordinary, first, second) = (Fetch(), Fetch(), Fetch())
    ordinary.turn.tell(true)
    let reader = await ask(fetches, "k", ordinary)
    #expect(await ordinary.wasWanted())
    let early = await ask(fetches, "k", asksBackend: true, first)
    let joined = await ask(fetches, "k", asksBackend: true, second)
    #expect(fetches.count == 2)
    first.turn.tell(true)
    #expect(await first.wasWanted())
    let late = await ask(fetches, "k", asksBackend: true, second)
    #expect(fetches.count == 3)
    second.turn.tell(true)
    for (number, fetch) in [ordinary, first, second].enumerated() { fetch.value.tell(number) }
    #expect(await reader.value == "0")
    #expect(await early.value == "1")
    #expect(await joined.value == "1")
    #expect(await late.value == "2")
    #expect(fetches.count == 0)
  }

  @Test("fetches ahead of their time are begun while less than half of the places are taken")
  func ahead() async {
    let fetches = Fetches(maximumWaiting: 8)
    let begun = (0..<4).map { _ in Fetch() }
    for (number, fetch) in begun.enumerated() { #expect(fetches.begin("a\(number)", fetch: fetch.body)) }
    #expect(!fetches.begin("a4", fetch: Fetch().body))
    // Somebody fetches it already.
    #expect(fetches.begin("a0", fetch: Fetch().body))
    // Nobody waits for it, and it is wanted all the same.
    let reader = await ask(fetches, "a0")
    reader.cancel()
    _ = await reader.value
    #expect(fetches.count == 4)
    for fetch in begun {
      fetch.turn.tell(true)
      #expect(await fetch.wasWanted())
      fetch.value.tell(1)
    }
    while fetches.count > 0, !Task.isCancelled { await Task.yield() }
  }

  @Test("a fetch in line stays when who leaves took something older, as long as half of the places are free")
  func late() async {
    let fetches = Fetches(maximumWaiting: 4)
    let kept = [Fetch(), Fetch()]
    let now = FetchPatience(seconds: 0, end: .now)
    for (number, fetch) in kept.enumerated() {
      #expect(text(await fetches.answer("k\(number)", patience: now, fetch: fetch.body)) == "late")
    }
    #expect(fetches.count == 2 && fetches.waiting == 0)
    #expect(text(await fetches.answer("k2", patience: now, fetch: Fetch().body)) == "late")
    #expect(fetches.count == 2)
    for fetch in kept {
      fetch.turn.tell(true)
      #expect(await fetch.wasWanted())
      fetch.value.tell(1)
    }
    while fetches.count > 0, !Task.isCancelled { await Task.yield() }
  }
}
