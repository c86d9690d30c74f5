import FederationAPI
import Kubernetes
import Logging
import Synchronization
import TestSupport
import Testing

/// Who leads, against the API stand-in.
@Suite(.timeLimit(.minutes(2))) struct LeaderElectorTests {
  private static let timing = LeaderElector.Timing(lease: 2, renewalDeadline: 1.2, retry: 0.2)

  private func elector(_ client: KubernetesClient, _ identity: String) -> LeaderElector {
    LeaderElector(
      client, namespace: "default", name: "agent", identity: identity, timing: Self.timing, log: Log(level: .error))
  }

  /// Leads until it is cancelled, and says when it begins and ends.
  private func lead(
    _ elector: LeaderElector, _ name: String, _ told: AsyncStream<String>.Continuation
  ) -> Task<Void, Never> {
    Task {
      await elector.run {
        told.yield("\(name) leads")
        try? await Task.sleep(for: .seconds(3_600))
        told.yield("\(name) ends")
      }
    }
  }

  @Test("one leads; the other does when it is given up, and the Lease says who")
  func handOver() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    let (stream, told) = AsyncStream<String>.makeStream()
    var next = stream.makeAsyncIterator()
    let first = lead(elector(client, "a"), "a", told)
    #expect(await next.next() == "a leads")
    let second = lead(elector(client, "b"), "b", told)
    first.cancel()
    #expect(await next.next() == "a ends")
    await first.value
    #expect(await next.next() == "b leads")
    let lease = try await client.get(.leases, namespace: "default", name: "agent")
    #expect(lease["spec"]?["holderIdentity"] == "b")
    #expect(lease["spec"]?["leaseTransitions"]?.integer == 1)
    second.cancel()
    await second.value
  }

  @Test("a leader that ends without a word is followed when its Lease has stayed as it was for its length")
  func sudden() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    // Held by somebody who renews no more; its time lies far in the future, which counts for nothing.
    _ = try await client.create(
      KubernetesObject(
        .leases, namespace: "default", name: "agent",
        fields: [
          "spec": [
            "holderIdentity": "gone", "leaseDurationSeconds": 2, "renewTime": "2099-01-01T00:00:00.000000Z",
            "acquireTime": "2099-01-01T00:00:00.000000Z", "leaseTransitions": 4,
          ]
        ]), of: .leases)
    let (stream, told) = AsyncStream<String>.makeStream()
    var next = stream.makeAsyncIterator()
    let begin = MonotonicTime.now
    let task = lead(elector(client, "a"), "a", told)
    #expect(await next.next() == "a leads")
    #expect(begin.nanoseconds(until: .now) >= 1_900_000_000)
    task.cancel()
    await task.value
  }

  @Test("a leader that cannot renew gives up before its Lease ends, and leads again when the API is back")
  func cut() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    let (stream, told) = AsyncStream<String>.makeStream()
    var next = stream.makeAsyncIterator()
    let task = lead(elector(client, "a"), "a", told)
    #expect(await next.next() == "a leads")
    try await server.stop()
    #expect(await next.next() == "a ends")
    try await server.start()
    #expect(await next.next() == "a leads")
    task.cancel()
    await task.value
  }

  @Test("when the work ends by itself the election does, and the Lease is free")
  func ends() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    await elector(client, "a").run {}
    let lease = try await client.get(.leases, namespace: "default", name: "agent")
    #expect(lease["spec"]?["holderIdentity"] == "")
  }
}
