import Crypto
import FederationAPI
import HTTPClient
import Providers
import Resources

/// Gives what an HTTPS server answers.
struct WebhookGenerator: TracelessGenerator {
  private let spec: WebhookSpec
  private let reference: GeneratorReference
  private let values: WebhookValues
  private let secrets: GeneratorSecrets
  private let client: any HTTPSending
  private let lines: GeneratorLines

  private static let maximumAnswerBytes = 256 << 10

  init(
    _ spec: WebhookSpec, reference: GeneratorReference, secrets: GeneratorSecrets, client: any HTTPSending,
    lines: GeneratorLines
  ) {
    self.spec = spec
    self.reference = reference
    values = WebhookValues(spec.secrets) { try? secrets.value($0) }
    self.secrets = secrets
    self.client = client
    self.lines = lines
  }

  func check() throws(RPCError) { _ = try request() }

  func values() async throws(RPCError) -> GeneratedValues {
    let request = try request()
    let response: HTTPResponse
    do throws(HTTPClientError) {
      response = try await client.send(request)
    } catch {
      // The host stands in the log only.
      lines.write(.webhookFailed, ["generator": reference.description, "reason": error.description])
      throw Self.failure(error.kind)
    }
    guard (200...299).contains(response.status) else {
      lines.write(
        .webhookRefused, ["generator": reference.description, "status": String(response.status)])
      let isTemporary = response.status == 429 || (500...599).contains(response.status)
      throw RPCError(
        isTemporary ? .unavailable : .failedPrecondition, "the webhook answered with status \(response.status)")
    }
    do throws(WebhookFault) {
      return try WebhookAnswer.values(of: response.body, at: spec.resultPath ?? WebhookResultPath(steps: []))
    } catch {
      throw Self.failure(error)
    }
  }

  private func request() throws(RPCError) -> HTTPRequest {
    do throws(WebhookFault) {
      var request = try values.request(spec)
      request.maximumBodyBytes = Self.maximumAnswerBytes
      request.caCertificates = try certificates()
      return request
    } catch {
      throw Self.failure(error)
    }
  }

  private func certificates() throws(WebhookFault) -> [UInt8]? {
    let pem: [UInt8]
    switch spec.trust {
    case nil: return nil
    case .bundle(let bundle): pem = bundle
    case .secret(let selector):
      guard let value = try? secrets.value(selector) else { throw .missingSecret }
      pem = value.copied
    }
    do throws(CryptoError) {
      return try CertificateBundle(pem: pem).pem
    } catch {
      lines.write(.webhookUntrusted, ["generator": reference.description, "reason": error.description])
      throw .unusable("the webhook's CA certificates cannot be read; ask the server's operator to mend them")
    }
  }

  private static func failure(_ fault: WebhookFault) -> RPCError {
    switch fault {
    case .missingSecret: .missingSecret
    case .unusable(let text): RPCError(.failedPrecondition, text)
    // Generators have no keys.
    case .unfitKey, .dotSegment: RPCError(.internal, "the webhook's template has a key")
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
