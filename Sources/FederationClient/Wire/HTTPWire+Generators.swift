import FederationAPI
import HTTPClient

extension HTTPWire {
  func generate(
    _ generator: GeneratorReference, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(GenerateFailure) -> [String: SecretBytes] {
    try await values { () throws(RPCError) in
      try request(
        "POST", Self.path(generator), body: WireBody.caOnly(credentials), credentials, deadline: deadline,
        isSentOnce: true)
    }
  }

  func resolve(
    _ request: ResolveExternalSecretRequest, mayIssue: Bool, _ credentials: CallCredentials, deadline: MonotonicTime,
    noteStale: @Sendable (UInt32) -> Void = { _ in }
  ) async throws(GenerateFailure) -> [String: SecretBytes] {
    try await values(noteStale: noteStale) { () throws(RPCError) in
      try self.request(
        "POST", "/secretstore/\(PathSegment.encoded(request.store))/externalsecret",
        body: try WireBody.externalSecret(request, credentials), credentials, deadline: deadline,
        isSentOnce: mayIssue)
    }
  }

  /// Asks for values by key, which may have been issued for it.
  private func values(
    noteStale: (UInt32) -> Void = { _ in }, _ make: () throws(RPCError) -> HTTPRequest
  ) async throws(GenerateFailure) -> [String: SecretBytes] {
    let request: HTTPRequest
    do throws(RPCError) {
      request = try make()
    } catch {
      throw GenerateFailure(error, mayHaveIssued: false)
    }
    let response: HTTPResponse
    do throws(HTTPClientError) {
      response = try await client.send(request)
    } catch {
      throw GenerateFailure(rpcError(error), mayHaveIssued: error.mayBeCarriedOut)
    }
    do throws(RPCError) {
      let values = try HTTPAnswer.values(response, from: server)
      if let seconds = HTTPAnswer.staleSeconds(response) { noteStale(seconds) }
      return values
    } catch {
      throw GenerateFailure(error, mayHaveIssued: HTTPAnswer.mayHideCredential(response))
    }
  }

  func revokeSelf(
    _ generator: GeneratorReference, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) {
    let body = credentials.caCertificates == nil ? nil : WireBody.caOnly(credentials)
    let request = try request("DELETE", Self.path(generator), body: body, credentials, deadline: deadline)
    try HTTPAnswer.done(try await send(request), from: server)
  }

  func revokeCredentials(
    namespace: String, owner: String, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) {
    let request = try request(
      "POST", "/generators/\(PathSegment.encoded(namespace))/revoke",
      body: WireBody.revocation(namespace: namespace, owner: owner, credentials), credentials, deadline: deadline)
    try HTTPAnswer.done(try await send(request), from: server)
  }

  private static func path(_ generator: GeneratorReference) -> String {
    let segments = [generator.namespace, generator.kind, generator.name].map(PathSegment.encoded)
    return "/generators/" + segments.joined(separator: "/")
  }
}
