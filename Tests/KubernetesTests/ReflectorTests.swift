import JSON
import Kubernetes
import Logging
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ReflectorTests {
  private func secret(_ name: String, _ value: String = "dg==") -> KubernetesObject {
    KubernetesObject(.secrets, namespace: "default", name: name, fields: ["data": ["key": .string(value)]])
  }

  /// Runs a reflector of all Secrets beside `body`.
  private func reflecting(
    _ client: KubernetesClient, _ body: (inout ReflectorRecord) async throws -> Void
  ) async throws {
    var record = ReflectorRecord()
    let continuation = record.continuation
    let task = Task {
      await Reflector(client, .secrets, log: Log(level: .error)).run { event in continuation.yield(event) }
    }
    defer { task.cancel() }
    try await body(&record)
  }

  @Test("what there is comes first, then synced, then each change")
  func order() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    for name in ["a", "b"] { _ = try await client.create(secret(name), of: .secrets) }
    try await reflecting(client) { record in
      #expect(await record.next(3) == ["added a", "added b", "synced"])
      _ = try await client.create(secret("c"), of: .secrets)
      _ = try await client.patch(
        .secrets, namespace: "default", name: "a", mergePatch: ["data": ["key": "dw=="]])
      try await client.delete(.secrets, namespace: "default", name: "b")
      #expect(await record.next(3) == ["added c", "modified a", "deleted b"])
    }
  }

  @Test("while the API is away nothing is lost, and nothing comes twice when it is back")
  func outage() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    for name in ["a", "b"] { _ = try await client.create(secret(name), of: .secrets) }
    try await reflecting(client) { record in
      #expect(await record.next(3) == ["added a", "added b", "synced"])
      try await server.stop()
      #expect(await record.next(1) == ["failed unreachable"])
      try await server.start()
      _ = try await client.create(secret("c"), of: .secrets)
      #expect(await record.nextButFailures(1) == ["added c"])
      // The watch went on from where it was: no second list.
      #expect(try await server.requests(for: "secrets").count { $0.verb == "list" } == 1)
    }
  }

  @Test("a version that is no longer kept leads to a new list, of which only the differences are told")
  func compaction() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    for name in ["a", "b", "c"] { _ = try await client.create(secret(name), of: .secrets) }
    try await reflecting(client) { record in
      #expect(await record.next(4) == ["added a", "added b", "added c", "synced"])
      // No watch can begin until the changes are made and forgotten.
      try await server.fail(verb: "watch", status: 503, count: -1)
      try await server.cutWatches()
      #expect(await record.next(1).first?.hasPrefix("failed") == true)
      let old = try await client.get(.secrets, namespace: "default", name: "c")
      try await client.delete(.secrets, namespace: "default", name: "a")
      _ = try await client.patch(.secrets, namespace: "default", name: "b", mergePatch: ["data": ["key": "dw=="]])
      try await client.delete(.secrets, namespace: "default", name: "c")
      let new = try await client.create(secret("c"), of: .secrets)
      #expect(old.uid != new.uid)
      try await server.compact()
      try await server.heal()
      #expect(
        await record.nextButFailures(5) == ["modified b", "deleted c", "added c", "deleted a", "synced"])
    }
  }

  @Test("bookmarks move the version on, so that quiet watches outlive a compaction")
  func bookmarks() async throws {
    let server = try await KubernetesAPIServer(bookmarkSeconds: 0.1)
    let client = try server.client()
    try await reflecting(client) { record in
      #expect(await record.next(1) == ["synced"])
      // Changes of another type leave this watch's own version behind.
      var current = ""
      for number in 0..<3 {
        current = try await client.create(
          KubernetesObject(.configMaps, namespace: "default", name: "c\(number)"), of: .configMaps
        ).resourceVersion
      }
      // Each new watch begins where the last bookmark was.
      let latest = "&resourceVersion=\(current)&"
      while try await server.requests(for: "secrets").last?.path.contains(latest) != true {
        try await server.cutWatches()
        try await Task.sleep(for: .milliseconds(200))
      }
      try await server.compact()
      try await server.cutWatches()
      _ = try await client.create(secret("a"), of: .secrets)
      #expect(await record.nextButFailures(1) == ["added a"])
      #expect(try await server.requests(for: "secrets").count { $0.verb == "list" } == 1)
    }
  }

  @Test("a watch that the server cuts goes on from the last event")
  func cut() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    try await reflecting(client) { record in
      #expect(await record.next(1) == ["synced"])
      for round in 0..<5 {
        try await server.cutWatches()
        _ = try await client.create(secret("s\(round)"), of: .secrets)
        #expect(await record.nextButFailures(1) == ["added s\(round)"])
      }
    }
  }

  @Test("lists of many pages are told whole")
  func pages() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    for number in 0..<600 { _ = try await client.create(secret("s\(number)"), of: .secrets) }
    try await reflecting(client) { record in
      let events = await record.next(601)
      #expect(Set(events) == Set((0..<600).map { "added s\($0)" } + ["synced"]) && events.last == "synced")
    }
    #expect(try await server.requests(for: "secrets").count { $0.verb == "list" } == 3)
  }

  @Test("what may not be listed is told, and tried again")
  func forbidden() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    try await server.fail(verb: "list", resource: "secrets", status: 403, count: 1)
    try await reflecting(client) { record in
      #expect(await record.next(2) == ["failed forbidden", "synced"])
    }
  }
}

/// The events of a reflector in the order they came, each as one line.
struct ReflectorRecord {
  let continuation: AsyncStream<ObjectEvent>.Continuation
  private var iterator: AsyncStream<ObjectEvent>.Iterator

  init() {
    let (stream, continuation) = AsyncStream<ObjectEvent>.makeStream()
    self.continuation = continuation
    iterator = stream.makeAsyncIterator()
  }

  /// Waits for the next `count` events.
  mutating func next(_ count: Int) async -> [String] { await next(count) { _ in true } }

  /// Waits for the next `count` events that are no failures.
  mutating func nextButFailures(_ count: Int) async -> [String] { await next(count) { !$0.hasPrefix("failed") } }

  private mutating func next(_ count: Int, _ isWanted: (String) -> Bool) async -> [String] {
    var lines: [String] = []
    while lines.count < count, let event = await iterator.next() {
      let line =
        switch event {
        case .added(let object): "added \(object.name)"
        case .modified(let object): "modified \(object.name)"
        case .deleted(let identity): "deleted \(identity.name)"
        case .synced: "synced"
        case .failed(let error): "failed \(error.kind.rawValue)"
        }
      if isWanted(line) { lines.append(line) }
    }
    return lines
  }
}
