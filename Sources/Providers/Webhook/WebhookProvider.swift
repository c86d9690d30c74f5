import FederationAPI
import HTTPClient
import Resources

/// Whatever an HTTPS server answers to a request that is made of the key.
struct WebhookProvider: Provider {
  private let spec: WebhookSpec
  private let secrets: ProviderSecrets
  private let exchange: BackendExchange
  /// Whether the server is told which version is wanted.
  private let hasVersions: Bool

  init(_ spec: WebhookStoreSpec, client: any HTTPSending, secrets: ProviderSecrets) {
    self.spec = spec.webhook
    self.secrets = secrets
    exchange = BackendExchange(client: client)
    let templates = [self.spec.url] + self.spec.headers.map(\.value) + (self.spec.body.map { [$0] } ?? [])
    hasVersions = templates.contains { $0.references.contains { $0.isRemote && $0.key == "version" } }
  }

  func fetch(
    _ key: ProviderKey, known: String?, deadline: MonotonicTime
  ) async throws(BackendError) -> FetchedSecret {
    let response = try await exchange.send(try request(key), deadline: deadline)
    switch response.status {
    case 200...299: break
    case 404: throw .notFound
    case 401, 403: throw .denied(reason: "the webhook answered with status \(response.status)")
    // It says nothing of the value: a proxy on the way, or a service that moves, answers so.
    case 300...399:
      throw .dataLoss(reason: "the webhook redirects (\(response.status)), which is not followed; give the final URL")
    default: throw .misconfigured(reason: "the webhook answered with status \(response.status)")
    }
    guard let path = spec.resultPath else { return .value(SecretBytes(response.body), version: nil) }
    do throws(WebhookFault) {
      return .value(try WebhookAnswer.value(of: response.body, at: path), version: nil)
    } catch {
      throw .dataLoss(reason: Self.reason(error))
    }
  }

  func refusal(of key: ProviderKey) -> BackendError? {
    do throws(BackendError) { _ = try request(key) } catch { return error }
    return nil
  }

  var timeoutSeconds: Double { spec.timeoutSeconds }

  /// Whether the request can be put together and its server be trusted. It is not sent: what a webhook does with a request
  /// cannot be known.
  func check(deadline: MonotonicTime) async throws(BackendError) -> BackendProof {
    var request = try request(.probe)
    request.onlyConnects = true
    _ = try await exchange.send(request, deadline: deadline)
    return BackendProof("the webhook's server takes a connection; no request was sent")
  }

  private func request(_ key: ProviderKey) throws(BackendError) -> HTTPRequest {
    // The newest must not be taken for the one that was asked for.
    guard hasVersions || key.version == nil else { throw .invalid("has no versions") }
    let remote = ["key": key.name, "version": key.version ?? ""]
    let values = WebhookValues(spec.secrets, remote: remote) { [secrets] in try? secrets.value(.secret($0)) }
    var request: HTTPRequest
    do throws(WebhookFault) {
      request = try values.request(spec)
    } catch .unfitKey {
      throw .invalid("does not take this key or version")
    } catch .dotSegment {
      throw .invalid("takes no key or version with `.` or `..` between slashes, percent-encoded ones included")
    } catch {
      throw .misconfigured(reason: Self.reason(error))
    }
    request.caCertificates = try secrets.certificates(spec.trust)
    request.maximumBodyBytes = WebhookAnswer.maximumByteCount
    return request
  }

  private static func reason(_ fault: WebhookFault) -> String {
    switch fault {
    case .missingSecret: "a Secret, or a key of one, is not there"
    case .unusable(let text): text
    case .unfitKey, .dotSegment: "the key does not fit the template"
    }
  }
}
