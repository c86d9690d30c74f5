import FederationAPI
import Generators
import JSON
import Resources
import Synchronization

/// A backend that knows what exists in it, with moments at which a test can look, wait or fail.
final class RecordingGenerator: Generator {
  private struct State {
    var existing: Set<String> = []
    var made: [String] = []
    var cleaned: [String] = []
    var planned = 0
    var isLeasing = false
    var refusal: RPCError?
    var leases = 0
    var beforeMaking: @Sendable (String) async throws(RPCError) -> Void = { _ in }
    var afterMaking: @Sendable (String) async throws(RPCError) -> Void = { _ in }
    var beforeCleaning: @Sendable (String) async throws(RPCError) -> Void = { _ in }
  }

  /// What every value starts with, so that it can be searched for.
  static let valuePrefix = "VALUE-THAT-NOBODY-STORES-"
  private let state = Mutex(State())

  /// What is there now.
  var existing: Set<String> { state.withLock { $0.existing } }
  /// What was ever made, in that order.
  var made: [String] { state.withLock { $0.made } }
  /// What was taken back, each time that it was asked for.
  var cleaned: [String] { state.withLock { $0.cleaned } }
  var planned: Int { state.withLock { $0.planned } }

  /// From now on the ID of what is made is known only once it is there, and so is its end.
  func lease() { state.withLock { $0.isLeasing = true } }
  /// From now on what is made is unfit, and could not be taken back.
  func refuse(_ refusal: RPCError) { state.withLock { $0.refusal = refusal } }
  static let leaseEndSeconds = MemoryWorld.start + 60

  func beforeMaking(_ action: @escaping @Sendable (String) async throws(RPCError) -> Void) {
    state.withLock { $0.beforeMaking = action }
  }
  func afterMaking(_ action: @escaping @Sendable (String) async throws(RPCError) -> Void) {
    state.withLock { $0.afterMaking = action }
  }
  func beforeCleaning(_ action: @escaping @Sendable (String) async throws(RPCError) -> Void) {
    state.withLock { $0.beforeCleaning = action }
  }

  func plan(_ request: GenerationRequest) throws(RPCError) -> GenerationPlan {
    let number = state.withLock { state in
      state.planned += 1
      return state.planned
    }
    if state.withLock({ $0.isLeasing }) {
      return GenerationPlan(state: [:], expiresAtSeconds: request.expiresAtSeconds)
    }
    return GenerationPlan(state: ["id": .string("c\(number)")], expiresAtSeconds: request.expiresAtSeconds)
  }

  func generate(_ plan: GenerationPlan) async throws(RPCError) -> GeneratedCredential {
    let leased = state.withLock { state -> String? in
      guard state.isLeasing else { return nil }
      state.leases += 1
      return "l\(state.leases)"
    }
    let id = leased ?? plan.state.id
    try await state.withLock { $0.beforeMaking }(id)
    state.withLock { state in
      state.existing.insert(id)
      state.made.append(id)
    }
    try await state.withLock { $0.afterMaking }(id)
    let lease = leased.map { GeneratedLease(state: ["id": .string($0)], expiresAtSeconds: Self.leaseEndSeconds) }
    if let lease, let refusal = state.withLock({ $0.refusal }) {
      return GeneratedCredential(refused: refusal, lease: lease)
    }
    return GeneratedCredential(values: ["password": SecretBytes(Self.valuePrefix + id)], lease: lease)
  }

  func cleanUp(_ made: JSONValue) async throws(RPCError) {
    try await state.withLock { $0.beforeCleaning }(made.id)
    state.withLock { state in
      state.existing.remove(made.id)
      state.cleaned.append(made.id)
    }
  }
}

extension JSONValue {
  fileprivate var id: String { object?["id"]?.string ?? "" }
}

/// One generator under several names.
struct RecordingSource: GeneratorSource {
  let generator: RecordingGenerator
  var names: Set<GeneratorReference>
  var leaseSeconds: Int64?

  subscript(reference: GeneratorReference) -> ConfiguredGenerator? {
    guard names.contains(reference) else { return nil }
    let resource = GeneratorResource(
      reference: reference, spec: .uuid, leaseSeconds: leaseSeconds, snapshot: "{\"of\":\"\(reference)\"}",
      location: SourceLocation(file: "t.yaml", line: 1))
    return ConfiguredGenerator(resource: resource, generator: generator)
  }

  func generator(snapshot: String) throws(RPCError) -> any Generator { generator }
}
