import FederationAPI
import FederationProto
import HTTP2
import TestSupport
import Testing

@testable import GRPC

@Suite(.timeLimit(.minutes(1))) struct StreamingServiceTests {
  private func health(_ service: String) -> [UInt8] {
    var writer = MessageWriter()
    writer.append(1, service.utf8)
    return writer.bytes
  }

  @Test("health: the server and each service are serving, others are not known")
  func check() async throws {
    let server = try TestServer()
    let client = try await server.client()
    for service in ["", "federation.v1.FederationService", "grpc.health.v1.Health"] {
      let answer = try await client.call(service: HealthService.name, method: "Check", payload: health(service))
      #expect(answer == [8, 1])
    }
    await #expect(throws: RPCError(.notFound, "unknown service")) {
      try await client.call(service: HealthService.name, method: "Check", payload: health("x"))
    }
    await #expect(throws: RPCError(.unimplemented, "service grpc.health.v1.Health")) {
      try await client.call(service: HealthService.name, method: "List", payload: [])
    }
    client.close()
    await server.stop()
  }

  @Test("health: who watches is told that the server is going")
  func watch() async throws {
    let server = try TestServer()
    let peer = try await HTTP2Peer.connect(port: server.port, group: server.clientGroup)
    let message = MessageReader.prefix(health("").count) + health("")
    peer.send(
      HTTP2Peer.request(1, "/grpc.health.v1.Health/Watch", [("content-type", "application/grpc")])
        + HTTP2Peer.data(1, message))
    #expect(await peer.next(0)?.payload == [0, 0, 0, 0, 2, 8, 1])
    let stopping = Task { await server.group.shutDown(graceSeconds: 30) }
    #expect(await peer.next(0)?.payload == [0, 0, 0, 0, 2, 8, 2])
    #expect(await peer.next(1)?.flags == 5, "trailers end the stream")
    peer.close()
    await stopping.value
    await server.stop()
  }

  @Test("reflection: every service stands in a file that it finds by service, method and message")
  func reflection() {
    let index = DescriptorIndex(encodedSet: FileDescriptors.encodedSet)
    #expect(
      index.services == [
        "federation.v1.FederationService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
      ])
    for method in FederationMethod.allCases {
      #expect(index.symbols["federation.v1.FederationService.\(method.rawValue)"] == "federation/v1/federation.proto")
    }
    #expect(index.symbols["federation.v1.BatchGetSecretsResponse.Result.error"] == "federation/v1/federation.proto")
    #expect(index.symbols["grpc.health.v1.HealthCheckResponse.SERVING"] == "grpc/health/v1/health.proto")
    #expect(index.files.count == 4)
  }
}
