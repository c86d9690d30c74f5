import FederationAPI
import HTTPClient
import JSON

/// What AWS answered in place of what was asked for.
struct AWSRefusal: Sendable, Equatable {
  let status: Int
  /// The error's code, for example `ResourceNotFoundException`; empty when the answer tells none.
  let code: String
  /// AWS's own words, which may name ARNs: for decisions here, never for a caller or the log.
  let message: String
  /// From an error of the JSON protocols (`__type`), or of STS's (`<Code>`).
  init(_ response: HTTPResponse) {
    status = response.status
    let answer = try? JSONValue.parse(response.body)
    let xml = answer == nil ? String(validating: response.body, as: UTF8.self) : nil
    // Some services write a namespace before the code, and some a link behind it.
    let type =
      answer?["__type"]?.string ?? response.header("x-amzn-errortype")
      ?? xml.flatMap { XMLElement.text("Code", of: $0) }
    let code = (type ?? "").split(separator: "#").last?.split(separator: ":").first.map(String.init) ?? ""
    self.code = code.utf8.count <= 64 && code.utf8.allSatisfy { PercentEncoding.isUnreserved($0) } ? code : ""
    message = answer?["message"]?.string ?? answer?["Message"]?.string ?? ""
  }

  /// Whether AWS does not know the credentials, or not any more, so that others may do.
  var isOfCredentials: Bool {
    [
      "ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId",
      "SignatureDoesNotMatch", "InvalidSignatureException",
    ].contains(code)
  }

  private var reason: String { "AWS answered \(status)\(code.isEmpty ? "" : " \(code)")" }

  /// Whether AWS knows the credentials, and does not let them do this.
  var isOfPermission: Bool { ["AccessDenied", "AccessDeniedException"].contains(code) }

  /// What it means, whichever service it came from.
  var error: BackendError {
    switch code {
    case "ResourceNotFoundException", "ParameterNotFound", "ParameterVersionNotFound": .notFound
    // Deleted, and kept for a while in which it can be restored.
    case "InvalidRequestException" where message.contains("marked for deletion") || message.contains("marked deleted"):
      .notFound
    case "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequestsException":
      .busy(retryAfterSeconds: nil)
    case "AccessDenied", "AccessDeniedException", "UnrecognizedClientException", "InvalidClientTokenId",
      "SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken",
      "NotAuthorized", "OptInRequired", "AuthFailure", "DecryptionFailure", "InvalidKeyId", "InvalidIdentityToken",
      "IDPRejectedClaim", "ExpiredTokenException", "ExpiredToken", "RequestExpired", "RegionDisabledException":
      .denied(reason: "AWS answered \(code)")
    case "InvalidParameterException", "InvalidRequestException", "ValidationException", "ValidationError",
      "InvalidFilterKey", "InvalidFilterValue", "InvalidNextTokenException":
      .invalid("does not take this key or version")
    case "InternalFailure", "InternalServiceError", "InternalServiceErrorException", "InternalServerError",
      "ServiceUnavailable", "ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException":
      .unavailable(reason: reason)
    default:
      switch status {
      case 401, 403: .denied(reason: reason)
      case 408: .unavailable(reason: reason)
      // It was there, and refused in words of which nothing is known here.
      case 400...499: .misconfigured(reason: reason)
      default: .unavailable(reason: reason)
      }
    }
  }
}
