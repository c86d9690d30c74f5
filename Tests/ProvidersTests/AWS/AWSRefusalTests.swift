import FederationAPI
import Foundation
import HTTPClient
import JSON
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Providers

@Suite struct AWSRefusalTests {
  @Test(
    "each code has its meaning, wherever AWS writes it",
    arguments: [
      (400, "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"x\"}", .notFound),
      (400, "{\"__type\":\"com.amazonaws.ssm#ParameterVersionNotFound\"}", .notFound),
      (400, "{\"__type\":\"InvalidRequestException\",\"Message\":\"it was marked for deletion.\"}", .notFound),
      (
        400, "{\"__type\":\"InvalidRequestException\",\"Message\":\"x\"}", .invalid("does not take this key or version")
      ),
      (400, "{\"__type\":\"ValidationException\"}", .invalid("does not take this key or version")),
      (400, "{\"__type\":\"ThrottlingException\"}", .busy(retryAfterSeconds: nil)),
      (400, "{\"__type\":\"AccessDeniedException:http://x/\"}", .denied(reason: "AWS answered AccessDeniedException")),
      (
        403, "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>",
        .denied(reason: "AWS answered ExpiredToken")
      ),
      (403, "hunter2", .denied(reason: "AWS answered 403")), (404, "", .misconfigured(reason: "AWS answered 404")),
      (408, "", .unavailable(reason: "AWS answered 408")), (302, "", .unavailable(reason: "AWS answered 302")),
      (400, "{\"__type\":\"InternalFailure\"}", .unavailable(reason: "AWS answered 400 InternalFailure")),
      (400, "{\"__type\":\"hunter2 \\n\"}", .misconfigured(reason: "AWS answered 400")),
    ] as [(Int, String, BackendError)])
  func codes(_ status: Int, _ body: String, _ expected: BackendError) {
    #expect(AWSRefusal(HTTPResponse(status: status, body: Array(body.utf8))).error == expected)
  }

  /// Answers what it is told to, and remembers what it was asked with.
  private final class StandIn: HTTPSending {
    let asked = Mutex<[HTTPRequest]>([])
    let answer: @Sendable (Int, HTTPRequest) -> HTTPResponse

    init(_ answer: @escaping @Sendable (Int, HTTPRequest) -> HTTPResponse) { self.answer = answer }

    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
      answer(
        asked.withLock { asked in
          asked.append(request)
          return asked.count
        }, request)
    }

    func provider() -> any Provider {
      let spec = AWSStoreSpec(
        service: .secretsManager, region: "cn-north-1",
        authentication: .testKeys,
        roles: [AWSStoreSpec.Role(arn: "arn:aws-cn:iam::1:role/r")])
      return spec.provider(
        secrets: ProviderSecrets(ManifestSecrets(.testKeys("AKID", "hunter2"))), client: self)
    }
  }

  private static func session(_ number: Int) -> HTTPResponse {
    let end = RFC3339.text(seconds: WallClock.nowSeconds + 3_600)
    let xml =
      "<R><Credentials><AccessKeyId>ASIA\(number)</AccessKeyId><SecretAccessKey>k</SecretAccessKey>"
      + "<SessionToken>t\(number)</SessionToken><Expiration>\(end)</Expiration></Credentials></R>"
    return HTTPResponse(status: 200, body: Array(xml.utf8))
  }

  @Test("a session that AWS says has ended is begun anew, once, and the question asked again")
  func expiredSession() async throws {
    let server = StandIn { number, request in
      if request.url.hasPrefix("https://sts.") { return Self.session(number) }
      let isOld = request.headers.contains { $0.value == "t1" }
      return isOld
        ? HTTPResponse(status: 400, body: Array("{\"__type\":\"ExpiredTokenException\"}".utf8))
        : HTTPResponse(status: 200, body: Array("{\"SecretString\":\"v\",\"VersionId\":\"1\"}".utf8))
    }
    let provider = server.provider()
    #expect(try await provider.text("a").text == "v")
    #expect(try await provider.text("a").text == "v")
    let hosts = server.asked.withLock { $0.map(\.url) }
    let (sts, own) = ("https://sts.cn-north-1.amazonaws.com.cn/", "https://secretsmanager.cn-north-1.amazonaws.com.cn/")
    #expect(hosts == [sts, own, sts, own, own])
  }

  @Test("a session that ends at once ends the question, too")
  func alwaysExpired() async throws {
    let server = StandIn { number, request in
      request.url.hasPrefix("https://sts.")
        ? Self.session(number) : HTTPResponse(status: 400, body: Array("{\"__type\":\"ExpiredTokenException\"}".utf8))
    }
    #expect(await server.provider().failure("a") == .denied(reason: "AWS answered ExpiredTokenException"))
    #expect(server.asked.withLock { $0.count } == 4)
  }

  @Test("an answer that makes no sense is data loss")
  func nonsense() async {
    for body in ["", "{}", "[]", "{\"SecretBinary\":\"%\"}"] {
      let server = StandIn { number, request in
        request.url.hasPrefix("https://sts.") ? Self.session(number) : HTTPResponse(status: 200, body: Array(body.utf8))
      }
      guard case .dataLoss = await server.provider().failure("a") else {
        Issue.record("\(body) makes sense")
        continue
      }
    }
  }
}
