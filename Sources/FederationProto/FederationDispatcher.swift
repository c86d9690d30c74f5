import FederationAPI

/// Decodes calls of `federation.v1.FederationService`, hands them to the handlers and encodes their answers.
public struct FederationDispatcher: RPCDispatcher {
  private let service: any FederationService

  /// Serves `service`.
  public init(service: any FederationService) {
    self.service = service
  }

  /// Answers one call; unknown names are UNIMPLEMENTED with the texts of Go's ttrpc.
  public func call(
    service name: String, method: String, payload: RawSpan, context: CallContext
  ) -> Reply<[UInt8]> {
    // By bytes, and no long name by String's ==: it takes time with the square of a run of combining marks, minutes for
    // a frame full of them.
    guard name.utf8.elementsEqual(FederationMethod.service.utf8) else {
      return .ready(.failure(RPCError(.unimplemented, "service \(excerpt(name))")))
    }
    guard method.utf8.count <= 64, let known = FederationMethod(rawValue: method) else {
      return .ready(.failure(RPCError(.unimplemented, "method \(excerpt(method))")))
    }
    do throws(RPCError) {
      switch known {
      case .getSecret:
        let request = try GetSecretRequest(protobuf: payload)
        let freshness = ReadFreshness(asksBackend: request.asksBackend, deadline: context.deadline)
        var context = context
        context.freshness = freshness
        return service.getSecret(request, context).map { value throws(RPCError) in
          GetSecretResponse.protobuf(value: value, staleSeconds: freshness.staleSeconds)
        }
      case .authenticate:
        let request = try AuthenticateRequest(protobuf: payload)
        return service.authenticate(request, context).map { identity throws(RPCError) in
          try AuthenticateResponse(identity).protobuf()
        }
      case .generate:
        let request = try GenerateRequest(protobuf: payload)
        return service.generate(request, context).map { values throws(RPCError) in
          try GenerateResponse.protobuf(values: values)
        }
      // Both answer with a message that has no fields, and so no bytes.
      case .revokeSelf:
        return service.revokeSelf(try RevokeSelfRequest(protobuf: payload), context).map { _ throws(RPCError) in [] }
      case .revokeCredentials:
        let request = try RevokeCredentialsRequest(protobuf: payload)
        return service.revokeCredentials(request, context).map { _ throws(RPCError) in [] }
      case .batchGetSecrets:
        let request = try BatchGetSecretsRequest(protobuf: payload)
        let freshness = ReadFreshness(asksBackend: request.asksBackend, deadline: context.deadline)
        var context = context
        context.freshness = freshness
        return service.batchGetSecrets(request, context).map { results throws(RPCError) in
          BatchGetSecretsResponse.protobuf(results: results, freshness: freshness)
        }
      case .resolveExternalSecret:
        let request = try ResolveExternalSecretRequest(protobuf: payload)
        let freshness = ReadFreshness()
        var context = context
        context.freshness = freshness
        return service.resolveExternalSecret(request, context).map { data throws(RPCError) in
          ResolveExternalSecretResponse.protobuf(data: data, staleSeconds: freshness.staleSeconds)
        }
      case .watchSecrets:
        throw RPCError(.unimplemented, "method \(method) is a streaming call: open a stream for it")
      }
    } catch {
      return .ready(.failure(error))
    }
  }

  /// WatchSecrets is.
  public func isStream(service name: String, method: String) -> Bool {
    method.utf8.elementsEqual(FederationMethod.watchSecrets.rawValue.utf8)
      && name.utf8.elementsEqual(FederationMethod.service.utf8)
  }

  /// Begins WatchSecrets; throws UNIMPLEMENTED for everything else, and where the service has no watches.
  public func stream(
    service name: String, method: String, context: CallContext, wake: @escaping @Sendable () -> Void
  ) throws(RPCError) -> any RPCStream {
    guard name.utf8.elementsEqual(FederationMethod.service.utf8) else {
      throw RPCError(.unimplemented, "service \(excerpt(name))")
    }
    guard isStream(service: name, method: method) else {
      throw RPCError(.unimplemented, "method \(excerpt(method)) is no streaming call")
    }
    guard let watch = service.watchSecrets(context, wake: wake) else {
      throw RPCError(.unimplemented, "method \(method) is not served here")
    }
    return WatchStream(watch)
  }

  /// The service.
  public var owner: AnyObject? { service }

  /// What the service answers from memory.
  public func makeImmediateAnswers() -> (any ImmediateAnswers)? { service.makeImmediateAnswers() }

  /// Answers GetSecret.
  public func immediateAnswer(
    service name: RawSpan, method: RawSpan, payload: RawSpan, authorization: RawSpan, session: any ImmediateSession,
    now: MonotonicTime
  ) -> EncodedSecret? {
    guard method.isEqual(to: "GetSecret"), name.isEqual(to: "federation.v1.FederationService"),
      let request = GetSecretFields(payload)
    else { return nil }
    let value = session.secret(
      store: payload.extracting(request.store), name: payload.extracting(request.name),
      caCertificates: payload.extracting(request.caCertificates), authorization: authorization, now: now)
    return value.flatMap { EncodedSecret(getSecretResponse: $0) }
  }

  /// A peer's name is echoed, but not megabytes of it.
  private func excerpt(_ name: String) -> String {
    // Not the first 64 characters, of which one can have any length.
    name.utf8.count <= 256 ? name : "\(Substring(name.unicodeScalars.prefix(64)))…"
  }
}

extension Reply {
  /// The same reply with its value transformed, now or when it is there.
  fileprivate func map<NewValue: Sendable>(
    _ transform: @escaping @Sendable (Value) throws(RPCError) -> NewValue
  ) -> Reply<NewValue> {
    switch self {
    case .ready(let result): .ready(result.mapped(transform))
    case .pending(let work): .pending { await work().mapped(transform) }
    }
  }
}

extension Result where Failure == RPCError {
  fileprivate func mapped<NewSuccess>(
    _ transform: (Success) throws(RPCError) -> NewSuccess
  ) -> Result<NewSuccess, RPCError> {
    switch self {
    case .success(let value): Result<NewSuccess, RPCError> { () throws(RPCError) in try transform(value) }
    case .failure(let error): .failure(error)
    }
  }
}
