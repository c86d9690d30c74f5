import FederationAPI
import Resources

/// The generators of kind `Federation` behind one ExternalSecret: they issue through a federation server, which cleans
/// up by the caller's identity and the generator's name.
struct Issuance: Sendable {
  let source: any ResourceSource
  let connections: FederationConnections
  /// Of the ExternalSecret, and so of its generators.
  let namespace: String

  /// Notes which generators may issue something, before one does: a restart then knows what to clean up.
  func announce(
    _ names: [String], for sourced: SourcedExternalSecret
  ) async throws(RPCError) -> SourcedExternalSecret {
    var status = sourced.status
    for name in names {
      let generator = try await source.generator(ResourceName(namespace: namespace, name: name))
      if !status.issuers.contains(generator) { status.issuers.append(generator) }
    }
    guard status != sourced.status else { return sourced }
    let held = try await source.holdForCleanup(sourced)
    return try await source.keep(status, of: held)
  }

  /// Has a credential issued; the server keeps it until its lease ends or it is revoked.
  func generate(_ name: String) async throws(RPCError) -> [String: SecretBytes] {
    let generator = try await source.generator(ResourceName(namespace: namespace, name: name))
    do throws(RPCError) {
      return try await connections.client(for: generator).generate(generator.generator)
    } catch {
      throw Self.told(error)
    }
  }

  /// Takes back what `issuers` gave to the ExternalSecret `owner`. Where another ExternalSecret has something of the same
  /// generator for the same identity nothing is done: the server would take that back, too.
  func revoke(_ issuers: [FederationGeneratorResource], of owner: ResourceName) async throws(RPCError) {
    for issuer in issuers {
      if await isShared(issuer, besides: owner) { continue }
      do throws(RPCError) {
        try await connections.client(for: issuer).revokeSelf(issuer.generator)
      } catch {
        throw Self.told(error)
      }
    }
  }

  private func isShared(_ issuer: FederationGeneratorResource, besides owner: ResourceName) async -> Bool {
    for name in await source.externalSecretNames() where name != owner && name.namespace == namespace {
      let status = await source.externalSecret(name)?.status
      guard let others = status?.issuers else { continue }
      let isSame = others.contains { other in
        other.server.url == issuer.server.url && other.generator == issuer.generator && other.token == issuer.token
      }
      if isSame { return true }
    }
    return false
  }

  /// The errors as ESO's own generator words them.
  private static func told(_ error: RPCError) -> RPCError {
    switch error.code {
    case .unavailable, .deadlineExceeded, .cancelled:
      return RPCError(error.code, "failed to call federation server: \(error.message)")
    case .internal: return RPCError(error.code, "invalid response from federation server: \(error.message)")
    case .failedPrecondition: return error
    case .notFound: return RPCError(error.code, "could not fetch secret ref: \(error.message)")
    case .unauthenticated: return status(401, error)
    case .permissionDenied: return status(404, error)
    default: return status(400, error)
    }
  }

  private static func status(_ number: Int, _ error: RPCError) -> RPCError {
    RPCError(error.code, "federation server returned non-OK status: \(number), body: \(error.message)")
  }
}
