import FederationAPI
import HTTPClient
import JSON

/// What an issuer says of itself (OpenID Connect Discovery 1.0 section 4).
enum DiscoveryDocument {
  /// Where tokens of `issuer` are asked for. Throws what is wrong with its answer.
  static func tokenEndpoint(in response: HTTPResponse, of issuer: String) throws(RPCError) -> String {
    let isBusy = response.status == 429 || response.status >= 500
    guard response.status == 200 else {
      throw problem("\(issuer) answered \(response.status)", isBusy: isBusy)
    }
    guard let document = try? JSONValue.parse(response.body), document.object != nil else {
      throw problem("what \(issuer) answered is no JSON object")
    }
    guard let named = document["issuer"]?.string else { throw problem("that of \(issuer) names no issuer") }
    guard named.utf8.elementsEqual(issuer.utf8) else {
      throw problem("that of \(issuer) names another issuer, \(PrintableText.of(named))")
    }
    guard let endpoint = document["token_endpoint"]?.string else {
      throw problem("that of \(issuer) has no token_endpoint")
    }
    // The client's proof is sent there.
    guard endpoint.utf8.starts(with: "https://".utf8) else {
      throw problem("the token_endpoint of \(issuer) is no https URL: \(PrintableText.of(endpoint))")
    }
    return endpoint
  }

  private static func problem(_ text: String, isBusy: Bool = false) -> RPCError {
    RPCError(
      isBusy ? .unavailable : .failedPrecondition, "failed to fetch discovery document: \(text)",
      credentialProblem: isBusy ? .authorizationServerBusy : .authorizationServerUnusable)
  }
}
