import Crypto
import FederationAPI
import HTTPClient
import JSON
import Resources

/// A service of AWS in one region, and where it is.
struct AWSService: Sendable {
  /// As credential scopes spell it.
  let name: String
  /// What `X-Amz-Target` begins with; empty for STS, whose actions stand in a form.
  let target: String
  let region: String
  /// `https://` and the host.
  let url: String
  /// The `Host` that goes with ``url``.
  let host: String
  /// Whether the URL is `http`, to loopback.
  let isPlaintext: Bool

  /// `endpoint` takes the place of AWS's own.
  init(_ name: String, target: String, region: String, endpoint: BackendURL?) {
    self.name = name
    self.target = target
    self.region = region
    let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    url = endpoint?.text ?? "https://\(name).\(region).\(domain)"
    isPlaintext = endpoint?.isPlaintext ?? false
    let authority = url.drop { $0 != "/" }.dropFirst(2)
    // As HTTP clients write the field: without the scheme's own port.
    let port = isPlaintext ? ":80" : ":443"
    host = String(authority.hasSuffix(port) ? authority.dropLast(port.count) : authority)
  }
}

/// Sends signed requests to one service.
struct AWSClient: Sendable {
  let service: AWSService
  let exchange: BackendExchange

  private static let maximumBodyBytes = 4 << 20

  /// Carries `action` of a JSON protocol out.
  func call(
    _ action: String, _ parameters: [JSONName: JSONValue], as credentials: AWSCredentials, deadline: MonotonicTime
  ) async throws(AWSFailure) -> JSONValue {
    let response = try await send(
      JSONValue.object(parameters).encoded(),
      [("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "\(service.target).\(action)")],
      as: credentials, deadline: deadline)
    do throws(JSONError) {
      return try .parse(response.body, maximumByteCount: Self.maximumBodyBytes)
    } catch {
      throw .failed(.dataLoss(reason: "AWS's answer to \(action) is \(error)"))
    }
  }

  /// Sends `body`, signed unless there are no credentials, as for the one action that takes a token in their place.
  func send(
    _ body: [UInt8], _ headers: [(name: String, value: String)], as credentials: AWSCredentials?,
    deadline: MonotonicTime
  ) async throws(AWSFailure) -> HTTPResponse {
    var headers = headers
    if let credentials {
      let signature = AWSSignature(service: service.name, region: service.region, credentials: credentials)
      do throws(CryptoError) {
        headers = try signature.headers(
          signing: headers, host: service.host, body: body, atSeconds: WallClock.nowSeconds)
      } catch {
        throw .failed(.misconfigured(reason: "a request to AWS cannot be signed: \(error)"))
      }
    }
    let request = HTTPRequest(
      method: "POST", url: service.url + "/", headers: headers, body: body, maximumBodyBytes: Self.maximumBodyBytes,
      allowsPlaintext: service.isPlaintext)
    let response: HTTPResponse
    do throws(BackendError) {
      response = try await exchange.send(request, deadline: deadline)
    } catch {
      throw .failed(error)
    }
    guard (200...299).contains(response.status) else { throw .refused(AWSRefusal(response)) }
    return response
  }
}

/// Why an action was not carried out.
enum AWSFailure: Error {
  /// AWS answered so.
  case refused(AWSRefusal)
  /// There was no answer.
  case failed(BackendError)

  var error: BackendError {
    switch self {
    case .refused(let refusal): refusal.error
    case .failed(let error): error
    }
  }
}
