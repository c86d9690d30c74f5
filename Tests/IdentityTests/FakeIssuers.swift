import HTTPClient
import JSON
import Synchronization
import TestSupport

/// Issuers without a network: answers by URL, what was asked in order, and a gate that holds answers back.
final class FakeIssuers: HTTPSending {
  typealias Answer = @Sendable (HTTPRequest) -> Result<HTTPResponse, HTTPClientError>

  private struct State {
    var answers: [String: Answer] = [:]
    var requests: [HTTPRequest] = []
    var isHeld = false
    var held: [CheckedContinuation<Void, Never>] = []
    var awaitedCount = Int.max
    var awaiting: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// All requests so far.
  var requests: [HTTPRequest] { state.withLock { $0.requests } }
  /// How many key sets were asked for.
  var keySetRequests: Int { requests.count { $0.url.hasSuffix("/openid/v1/jwks") } }

  /// Serves discovery and `keys` at `url` as an API server does.
  func serve(_ url: String, keys: [TestSigningKey], jwksURI: String? = nil) {
    let uri = jwksURI ?? url + "/openid/v1/jwks"
    let discovery: JSONValue = ["issuer": "x", "jwks_uri": .string(uri)]
    answer(url + "/.well-known/openid-configuration") { _ in
      .success(HTTPResponse(status: 200, body: discovery.encoded()))
    }
    serve(keySetAt: url, TestSigningKey.keySet(keys).encoded())
  }

  /// Serves `body` as the key set at `url`.
  func serve(keySetAt url: String, _ body: [UInt8]) {
    answer(url + "/openid/v1/jwks") { _ in .success(HTTPResponse(status: 200, body: body)) }
  }

  /// Lets every request to `url` fail as an unreachable host does.
  func breakDown(_ url: String, kind: HTTPClientError.Kind = .unreachable) {
    for path in ["/.well-known/openid-configuration", "/openid/v1/jwks"] {
      answer(url + path) { _ in .failure(HTTPClientError(kind, "no route to https://10.1.2.3")) }
    }
  }

  /// Answers requests for exactly `url`.
  func answer(_ url: String, _ answer: @escaping Answer) { state.withLock { $0.answers[url] = answer } }

  /// Lets only requests through whose `Authorization` is `credential`; others are answered `status`.
  func demand(_ credential: @escaping @Sendable (String?) -> Bool, at url: String, status: Int = 401) {
    for path in ["/.well-known/openid-configuration", "/openid/v1/jwks"] {
      let open = state.withLock { $0.answers[url + path] }
      answer(url + path) { request in
        guard credential(request.authorization) else { return .success(HTTPResponse(status: status)) }
        return open?(request) ?? .success(HTTPResponse(status: 404))
      }
    }
  }

  /// Holds every answer back until ``release()``.
  func hold() { state.withLock { $0.isHeld = true } }

  /// Lets the held answers go, and those to come.
  func release() {
    let held = state.withLock { state in
      state.isHeld = false
      defer { state.held = [] }
      return state.held
    }
    for continuation in held { continuation.resume() }
  }

  /// Returns once `count` requests came in.
  func waitForRequests(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.requests.count >= count { return true }
        state.awaitedCount = count
        state.awaiting = continuation
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
    let awaiting = state.withLock { state in
      state.requests.append(request)
      guard state.requests.count >= state.awaitedCount else { return nil as CheckedContinuation<Void, Never>? }
      state.awaitedCount = .max
      defer { state.awaiting = nil }
      return state.awaiting
    }
    awaiting?.resume()
    await withCheckedContinuation { continuation in
      let isHeld = state.withLock { state in
        if state.isHeld { state.held.append(continuation) }
        return state.isHeld
      }
      if !isHeld { continuation.resume() }
    }
    let answer = state.withLock { $0.answers[request.url] }
    return try (answer?(request) ?? .success(HTTPResponse(status: 404))).get()
  }
}

extension HTTPRequest {
  /// The `Authorization` field, nil when it was not sent.
  var authorization: String? { headers.first { $0.name.lowercased() == "authorization" }?.value }
}
