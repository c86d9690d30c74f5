import FederationAPI
import HTTPClient
import JSON
import Logging
import Resources

/// Makes the generator of each kind: the one place that a new kind is added to.
struct GeneratorFactory: Sendable {
  let secrets: GeneratorSecrets
  let client: any HTTPSending
  let log: Log

  func generator(_ resource: GeneratorResource) -> any Generator {
    switch resource.spec {
    case .fake(let spec): FakeGenerator(spec)
    case .password(let spec): PasswordGenerator(spec)
    case .uuid: UUIDGenerator()
    case .sshKey(let spec): SSHKeyGenerator(spec)
    case .basicAuth(let spec): BasicAuthGenerator(spec)
    case .mfa(let spec): MFAGenerator(spec, secrets: secrets)
    case .webhook(let spec):
      WebhookGenerator(spec, reference: resource.reference, secrets: secrets, client: client, log: log)
    case .postgreSql: UnavailableGenerator(kind: resource.reference.kind)
    }
  }
}

/// Stands for a kind whose manifests are read and which cannot make anything yet.
private struct UnavailableGenerator: Generator {
  let kind: String

  func plan(_ request: GenerationRequest) throws(RPCError) -> GenerationPlan { throw refusal }
  func generate(_ plan: GenerationPlan) async throws(RPCError) -> GeneratedValues { throw refusal }
  func cleanUp(_ state: JSONValue) async throws(RPCError) { throw refusal }

  private var refusal: RPCError {
    RPCError(.failedPrecondition, "this version cannot make credentials of kind \(kind) yet")
  }
}
