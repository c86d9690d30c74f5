import FederationAPI
import FederationProto
import TestSupport
import Testing

/// 100,000 requests of h2load on one connection, 100 at once, each answered with the secret.
@Suite(.timeLimit(.minutes(3))) struct HTTP2LoadTests {
  private static let requests = 100_000

  @Test("gRPC")
  func calls() async throws {
    let world = try await ConformanceWorld.shared.value
    let asked = GetSecretRequest(store: "app", name: "password", caCertificates: world.ca.certificatePEM)
    let message = try asked.protobuf()
    let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: message.count >> $0) }
    // Five bytes before a message, two before a value, and six of "s3cret".
    try await load(
      world, path: "/federation.v1.FederationService/GetSecret", body: [0] + length + message, answer: 13,
      fields: ["content-type: application/grpc", "te: trailers"])
  }

  @Test("the documented API")
  func gateway() async throws {
    let world = try await ConformanceWorld.shared.value
    let question = HTTPQuestion(
      authorization: nil, store: "app", secret: "password", certificates: world.ca.certificatePEM)
    let body = try #require(question.request(origin: "", serverCertificates: []).body)
    // Quotes and a newline around "s3cret".
    try await load(
      world, path: "/secretstore/app/secrets/password", body: body, answer: 9,
      fields: ["content-type: application/json"])
  }

  private func load(
    _ world: ConformanceWorld, path: String, body: [UInt8], answer: Int, fields: [String]
  ) async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write(body, to: "body")
    let all = fields + ["authorization: Bearer \(try world.token())"]
    let load = try ChildProgram(
      path: "/usr/bin/h2load",
      arguments: ["-n", String(Self.requests), "-c", "1", "-m", "100", "-d", file]
        + all.flatMap { ["-H", $0] } + ["https://127.0.0.1:\(world.grpcServer.address.port)\(path)"])
    #expect(await load.wait(timeoutSeconds: 150) == .status(0))
    let text = load.stdout.text
    #expect(text.contains("\(Self.requests) succeeded, 0 failed, 0 errored, 0 timeout"), "\(text)")
    #expect(text.contains("(\(Self.requests * answer)) data"), "\(text)")
    withExtendedLifetime(directory) {}
  }
}
