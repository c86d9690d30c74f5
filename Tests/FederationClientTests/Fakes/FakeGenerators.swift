import FederationAPI
import Synchronization

/// The generators of a ``FakeFederationService``: gives what it was made with, and counts what it is asked.
final class FakeGenerators: Sendable {
  /// What a generate comes to, in turn; after the last one every generate succeeds.
  enum Turn: Sendable {
    /// The server answers with an error.
    case refuse(RPCError)
    /// No answer comes before the connection ends.
    case hold
  }

  /// One revocation as it came.
  enum Revocation: Sendable, Equatable {
    case own(RevokeSelfRequest)
    case owner(RevokeCredentialsRequest)
  }

  private struct State {
    var turns: [Turn]
    var requests: [GenerateRequest] = []
    var resolutions: [ResolveExternalSecretRequest] = []
    var peers: [String] = []
    var revocations: [Revocation] = []
    var revocationRefusals: [RPCError]
  }

  /// One element for each generate, as soon as it is there.
  let arrivals: AsyncStream<Void>
  private let arrived: AsyncStream<Void>.Continuation
  private let outputs: [GeneratorReference: [String: SecretBytes]]
  private let state: Mutex<State>

  init(
    _ outputs: [GeneratorReference: [String: SecretBytes]] = [:], turns: [Turn] = [],
    revocationRefusals: [RPCError] = []
  ) {
    self.outputs = outputs
    (arrivals, arrived) = AsyncStream.makeStream()
    state = Mutex(State(turns: turns, revocationRefusals: revocationRefusals))
  }

  /// Every generate so far.
  var requests: [GenerateRequest] { state.withLock { $0.requests } }
  /// Every ExternalSecret to resolve so far; each takes a turn like a generate.
  var resolutions: [ResolveExternalSecretRequest] { state.withLock { $0.resolutions } }
  /// The connections that they came on.
  var peers: [String] { state.withLock { $0.peers } }
  /// Every revocation so far.
  var revocations: [Revocation] { state.withLock { $0.revocations } }

  func generate(_ request: GenerateRequest, peer: String) -> Reply<[String: SecretBytes]> {
    state.withLock { $0.requests.append(request) }
    return take(peer) { self.outputs[request.generator].map { .success($0) } ?? .failure(.notAuthorized) }
  }

  /// Gives the request's store by the key `store`.
  func resolve(_ request: ResolveExternalSecretRequest, peer: String) -> Reply<[String: SecretBytes]> {
    state.withLock { $0.resolutions.append(request) }
    return take(peer) { .success(["store": SecretBytes(request.store)]) }
  }

  private func take(
    _ peer: String, _ output: () -> Result<[String: SecretBytes], RPCError>
  ) -> Reply<[String: SecretBytes]> {
    let turn = state.withLock { state -> Turn? in
      state.peers.append(peer)
      return state.turns.isEmpty ? nil : state.turns.removeFirst()
    }
    defer { arrived.yield() }
    switch turn {
    case .refuse(let error): return .ready(.failure(error))
    case .hold:
      return .pending {
        // Ends with the task, which ends with the connection.
        let (never, end) = AsyncStream<Void>.makeStream()
        for await _ in never {}
        end.finish()
        return .failure(RPCError(.cancelled, "the caller went away"))
      }
    case nil: return .ready(output())
    }
  }

  func revoke(_ revocation: Revocation) -> Reply<Void> {
    let refusal = state.withLock { state -> RPCError? in
      state.revocations.append(revocation)
      return state.revocationRefusals.isEmpty ? nil : state.revocationRefusals.removeFirst()
    }
    return .ready(refusal.map { .failure($0) } ?? .success(()))
  }
}
