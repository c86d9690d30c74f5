import Kubernetes
import Logging
import TestSupport
import Testing

/// Events that kubectl shows.
@Suite(.timeLimit(.minutes(1))) struct EventRecorderTests {
  @Test("an event is posted once and then counted; another is another")
  func counts() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    let recorder = EventRecorder(client, component: "tester", log: Log(level: .error))
    let reference = ObjectReference(
      apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", namespace: "default", name: "database", uid: "1")
    for _ in 0..<3 {
      await recorder.post(about: reference, isWarning: false, reason: "Updated", message: "secret updated")
    }
    await recorder.post(about: reference, isWarning: true, reason: "UpdateFailed", message: "no")
    var events: [KubernetesObject] = []
    _ = try await client.list(.events, namespace: "default") { events += $0 }
    let shown = events.map { event in
      [event["type"], event["reason"], event["message"], event["source"]?["component"]].map { $0?.string ?? "" }
        .joined(separator: " ") + " \(event["count"]?.integer ?? 0) \(event["involvedObject"]?["name"]?.string ?? "")"
    }
    #expect(
      shown.sorted() == [
        "Normal Updated secret updated tester 3 database", "Warning UpdateFailed no tester 1 database",
      ])
  }

  @Test("an API that takes no events holds nobody up")
  func away() async throws {
    let server = try await KubernetesAPIServer()
    let recorder = EventRecorder(try server.client(), component: "tester", log: Log(level: .error))
    try await server.fail(verb: "create", resource: "events", status: 403, count: -1)
    let reference = ObjectReference(apiVersion: "v1", kind: "Secret", namespace: "default", name: "x", uid: "1")
    await recorder.post(about: reference, isWarning: false, reason: "r", message: "m")
    #expect(try await server.requests(for: "events").map(\.status) == [403])
  }
}
