import Crypto
import FederationAPI
import HTTPClient
import Logging
import Resources

/// Gives what an HTTPS server answers.
struct WebhookGenerator: TracelessGenerator {
  private let spec: WebhookSpec
  private let reference: GeneratorReference
  private let values: TemplateValues
  private let client: any HTTPSending
  private let log: Log

  init(
    _ spec: WebhookSpec, reference: GeneratorReference, secrets: GeneratorSecrets, client: any HTTPSending, log: Log
  ) {
    self.spec = spec
    self.reference = reference
    values = TemplateValues(spec.secrets, secrets: secrets)
    self.client = client
    self.log = log
  }

  func check() throws(RPCError) { _ = try request() }

  func values() async throws(RPCError) -> GeneratedValues {
    let request = try request()
    let response: HTTPResponse
    do throws(HTTPClientError) {
      response = try await client.send(request)
    } catch {
      // The host stands in the log only.
      log.write(.warning, "webhook_failed", ["generator": reference.description, "reason": error.description])
      throw Self.failure(error.kind)
    }
    guard (200...299).contains(response.status) else {
      log.write(
        .warning, "webhook_refused", ["generator": reference.description, "status": String(response.status)])
      let isTemporary = response.status == 429 || (500...599).contains(response.status)
      throw RPCError(
        isTemporary ? .unavailable : .failedPrecondition, "the webhook answered with status \(response.status)")
    }
    return try WebhookAnswer.values(of: response.body, at: spec.resultPath)
  }

  private func request() throws(RPCError) -> HTTPRequest {
    let url = try values.url(spec.url)
    var headers: [(name: String, value: String)] = []
    for header in spec.headers { headers.append((header.name, try values.header(header.value))) }
    var body: [UInt8]?
    if let template = spec.body { body = try values.body(template) }
    return HTTPRequest(
      method: spec.method, url: url.text, headers: headers, body: body, caCertificates: try certificates(),
      timeoutSeconds: spec.timeoutSeconds, maximumBodyBytes: WebhookAnswer.maximumByteCount,
      allowsPlaintext: url.isPlaintext)
  }

  private func certificates() throws(RPCError) -> [UInt8]? {
    let pem: [UInt8]
    switch spec.trust {
    case nil: return nil
    case .bundle(let bundle): pem = bundle
    case .secret(let selector):
      pem = try values.secrets.value(selector).copied
    }
    do throws(CryptoError) {
      return try CertificateBundle(pem: pem).pem
    } catch {
      log.write(.warning, "webhook_untrusted", ["generator": reference.description, "reason": error.description])
      throw RPCError(
        .failedPrecondition, "the webhook's CA certificates cannot be read; ask the server's operator to mend them")
    }
  }

  private static func failure(_ kind: HTTPClientError.Kind) -> RPCError {
    switch kind {
    case .unreachable: RPCError(.unavailable, "the webhook cannot be reached; try again later")
    case .tls: RPCError(.unavailable, "the webhook's TLS certificate is not trusted; ask the server's operator")
    case .timeout: RPCError(.deadlineExceeded, "the webhook did not answer in time; try again later")
    case .tooLarge: RPCError(.failedPrecondition, "the webhook's answer is too large")
    case .invalidRequest: RPCError(.failedPrecondition, "the webhook's request cannot be sent as it is configured")
    case .cancelled: RPCError(.cancelled, "the call was cancelled")
    }
  }
}
