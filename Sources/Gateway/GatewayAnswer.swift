import FederationAPI
import HTTP1
import Logging

/// Makes the answer to one request, and the log line when it failed.
struct GatewayAnswer: Sendable {
  let peer: String
  let log: Log
  let limit: LogLimit
  /// Ties what the caller was sent to the log line; random, so that it tells nothing of other callers.
  let requestID: String
  /// What was asked for, as far as that is known.
  var method = CallMethod.other

  init(peer: String, log: Log, limit: LogLimit) {
    self.peer = peer
    self.log = log
    self.limit = limit
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    requestID = String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// 200 with the value as a bare JSON string.
  func secret(_ value: SecretBytes, staleSeconds: UInt32? = nil) -> HTTPServerResponse {
    guard let literal = value.withBytes({ JSONStringLiteral.encode($0) }) else {
      // Replacing what is not UTF-8 would hand out a damaged secret (docs/SECURITY.md, D26).
      return failure(400, "secret value is not UTF-8 text; fetch it over RPC", .failedPrecondition)
    }
    return response(200, .secret(literal), Self.staleness(staleSeconds))
  }

  /// 200 with values by output key, as a JSON object of strings.
  func values(_ values: [String: SecretBytes]) -> HTTPServerResponse {
    guard let object = JSONObjectLiteral.encode(values) else {
      return failure(400, "a generated value is not UTF-8 text; use RPC", .failedPrecondition)
    }
    return response(200, .secret(object))
  }

  /// 200 with a Secret's values by key, as a JSON object of strings.
  func secretData(_ values: [String: SecretBytes], staleSeconds: UInt32? = nil) -> HTTPServerResponse {
    if let object = JSONObjectLiteral.encode(values) {
      return response(200, .secret(object), Self.staleness(staleSeconds))
    }
    let keys = values.filter { $0.value.text == nil }.map(\.key)
    let first = keys.min { $0.utf8.lexicographicallyPrecedes($1.utf8) } ?? ""
    return failure(400, "the value of \"\(first)\" is not UTF-8 text; use RPC", .failedPrecondition)
  }

  /// Tells that a value is past its time, because its store's backend errs.
  private static func staleness(_ seconds: UInt32?) -> [HTTPServerResponse.Field] {
    seconds.map { [.init("X-Federation-Stale", String($0))] } ?? []
  }

  /// 200 with `null`.
  func nothing() -> HTTPServerResponse { response(200, .plain(Array("null\n".utf8))) }

  /// 200 with a bare JSON string that anyone may see.
  func text(_ text: String) -> HTTPServerResponse { response(200, .plain(JSONStringLiteral.encode(text))) }

  /// A failure of the service as a bare JSON string; `reason` is for the log, where it says more than the message.
  func failure(_ error: RPCError, because reason: String? = nil) -> HTTPServerResponse {
    failure(
      error.httpStatus, error.message, error.code, because: reason, retryAfterSeconds: error.retryAfterSeconds)
  }

  /// A failure as a bare JSON string; `reason` is for the log, where it says more than the message.
  func failure(
    _ status: Int, _ message: String, _ code: StatusCode, because reason: String? = nil,
    retryAfterSeconds: Double? = nil
  ) -> HTTPServerResponse {
    writeFailure(status, reason ?? message)
    // Whole seconds (RFC 9110 section 10.2.3), and never too early.
    let retryAfter = retryAfterSeconds.map { String(Int($0.rounded(.up))) }
    return response(
      status, .plain(JSONStringLiteral.encode(message)), retryAfter.map { [.init("Retry-After", $0)] } ?? [],
      code: code)
  }

  /// A failure in the documented router's own form, an object.
  func routerFailure(_ status: Int, _ message: String, allow: String? = nil) -> HTTPServerResponse {
    writeFailure(status, message)
    let body = Array("{\"message\":\"\(message)\"}\n".utf8)
    return response(status, .plain(body), allow.map { [.init("Allow", $0)] } ?? [], code: .unimplemented)
  }

  private func writeFailure(_ status: Int, _ reason: String) {
    guard let suppressedBefore = limit.admit(at: MonotonicTime.now.nanoseconds) else { return }
    log.write(
      status >= 500 ? .warning : .info, "http_request_failed",
      [
        "request_id": requestID, "peer": peer, "status": String(status), "reason": reason,
        "suppressed_before": String(suppressedBefore),
      ])
  }

  private func response(
    _ status: Int, _ body: HTTPServerResponse.Body, _ fields: [HTTPServerResponse.Field] = [], code: StatusCode = .ok
  ) -> HTTPServerResponse {
    var response = HTTPServerResponse(
      status: status, fields: GatewayAnswer.fields(requestID: requestID) + fields, body: body)
    response.outcome = CallOutcome(method, code)
    return response
  }

  /// What every answer says, whatever it is.
  static func fields(requestID: String) -> [HTTPServerResponse.Field] {
    [
      .init("Content-Type", "application/json"), .init("Cache-Control", "no-store"),
      .init("X-Request-Id", requestID),
    ]
  }
}
