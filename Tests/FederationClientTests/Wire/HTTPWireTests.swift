import FederationAPI
import Foundation
import HTTPClient
import Synchronization
import Testing

@testable import FederationClient

@Suite struct HTTPWireTests {
  /// Answers in turn from a list, and keeps what it was sent.
  private final class ScriptedClient: HTTPSending {
    private let state: Mutex<(answers: [Result<HTTPResponse, HTTPClientError>], requests: [HTTPRequest])>

    init(_ answers: [Result<HTTPResponse, HTTPClientError>]) { state = Mutex((answers, [])) }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
      let answer = state.withLock { state in
        state.requests.append(request)
        return state.answers.isEmpty
          ? .failure(HTTPClientError(.unreachable, "script over")) : state.answers.removeFirst()
      }
      return try answer.get()
    }
  }

  private var soon: MonotonicTime { MonotonicTime.now.advanced(bySeconds: 5) }

  private func answer(_ status: Int, _ body: String) -> Result<HTTPResponse, HTTPClientError> {
    .success(HTTPResponse(status: status, body: Array(body.utf8)))
  }

  @Test("a request is the documented one, its path encoded and the CA in base64")
  func request() async throws {
    let client = ScriptedClient([answer(200, "\"v\"")])
    let wire = HTTPWire(server: try ServerAddress(parsing: "https://fed:8443/base"), client: client)
    let pem = Array("PEM\n".utf8)
    let results = await wire.secrets(
      [SecretName(store: "my store", key: "a/b")],
      CallCredentials(token: "t", workloadToken: "w", caCertificates: pem), deadline: soon)
    #expect(results == [.success(SecretBytes("v"))])
    let sent = try #require(client.requests.first)
    #expect(sent.method == "POST")
    #expect(sent.url == "https://fed:8443/base/secretstore/my%20store/secrets/a%2Fb")
    #expect(sent.body == Array("{\"ca.crt\":\"UEVNCg==\"}".utf8))
    #expect(sent.caCertificates == pem)
    #expect(!sent.allowsPlaintext)
    let headers = Dictionary(uniqueKeysWithValues: sent.headers.map { ($0.name, $0.value) })
    #expect(headers == ["Authorization": "Bearer t", "Content-Type": "application/json", "x-workload-token": "w"])
    #expect(sent.timeoutSeconds > 4 && sent.timeoutSeconds <= 5)
  }

  @Test("without a CA the body is an empty object and the system's roots count")
  func withoutCA() async throws {
    let client = ScriptedClient([answer(200, "\"v\"")])
    let wire = HTTPWire(server: try ServerAddress(parsing: "https://fed"), client: client)
    _ = await wire.secrets([SecretName(store: "s", key: "k")], CallCredentials(token: "t"), deadline: soon)
    #expect(client.requests.first?.body == Array("{}".utf8))
    #expect(client.requests.first?.caCertificates == nil)
  }

  @Test("one secret's error leaves the others, each in its place")
  func ownResults() async throws {
    let client = ScriptedClient([answer(200, "\"1\""), answer(404, "\"Not Found\""), answer(200, "\"3\"")])
    let wire = HTTPWire(server: try ServerAddress(parsing: "https://fed"), client: client)
    let names = ["a", "b", "c"].map { SecretName(store: "s", key: $0) }
    let results = await wire.secrets(names, CallCredentials(token: "t"), deadline: soon)
    #expect(results == [.success(SecretBytes("1")), .failure(.notAuthorized), .success(SecretBytes("3"))])
  }

  @Test("a server that cannot be reached is not asked for the rest")
  func unreachable() async throws {
    let client = ScriptedClient([answer(200, "\"1\"")])
    let wire = HTTPWire(server: try ServerAddress(parsing: "https://fed"), client: client)
    let names = ["a", "b", "c"].map { SecretName(store: "s", key: $0) }
    let results = await wire.secrets(names, CallCredentials(token: "t"), deadline: soon)
    let error = RPCError(.unavailable, "cannot reach https://fed:443: script over")
    #expect(results == [.success(SecretBytes("1")), .failure(error), .failure(error)])
    #expect(client.requests.count == 2)
  }

  @Test("nothing is sent after the deadline")
  func deadline() async throws {
    let client = ScriptedClient([answer(200, "\"1\"")])
    let wire = HTTPWire(server: try ServerAddress(parsing: "https://fed"), client: client)
    let results = await wire.secrets(
      [SecretName(store: "s", key: "k")], CallCredentials(token: "t"), deadline: MonotonicTime(nanoseconds: 1))
    #expect(results == [.failure(RPCError(.deadlineExceeded, "https://fed:443 did not answer in time"))])
    #expect(client.requests.isEmpty)
  }
}
