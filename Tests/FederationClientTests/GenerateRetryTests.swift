import FederationAPI
import Synchronization
import Testing

@testable import FederationClient

/// When a generate is tried again, over a wire that fails as it is told.
@Suite struct GenerateRetryTests {
  private static let down = RPCError(.unavailable, "cannot connect")

  /// Fails to connect a few times, then is its own wire.
  private final class ScriptedWire: WireConnecting, PartialWire {
    private struct State {
      var failedDials: Int
      var dials = 0
      var failures: [GenerateFailure]
      var generates = 0
    }
    private let state: Mutex<State>

    init(failedDials: Int = 0, failures: [GenerateFailure] = []) {
      state = Mutex(State(failedDials: failedDials, failures: failures))
    }

    var dials: Int { state.withLock { $0.dials } }
    var generates: Int { state.withLock { $0.generates } }

    func wire(for credentials: CallCredentials, deadline: MonotonicTime) async throws(RPCError) -> any FederationWire {
      let mayConnect = state.withLock { state in
        state.dials += 1
        return state.dials > state.failedDials
      }
      guard mayConnect else { throw down }
      return self
    }

    func generate(
      _ generator: GeneratorReference, _ credentials: CallCredentials, deadline: MonotonicTime
    ) async throws(GenerateFailure) -> [String: SecretBytes] {
      let failure = state.withLock { state -> GenerateFailure? in
        state.generates += 1
        return state.failures.isEmpty ? nil : state.failures.removeFirst()
      }
      if let failure { throw failure }
      return ["k": SecretBytes("v")]
    }

    func forgetConnection() async {}
    func close() async {}
  }

  private let db = GeneratorReference(namespace: "apps", kind: "PostgreSql", name: "db")

  private func client(_ wire: ScriptedWire) throws -> FederationClient {
    let server = try ServerAddress(parsing: "https://fed")
    return FederationClient(
      configuration: FederationClientConfiguration(server: server, token: .fixed("t"), caFile: nil), connector: wire)
  }

  @Test("a dial that fails is tried again, and the call is sent once")
  func failedDial() async throws {
    let wire = ScriptedWire(failedDials: 2)
    #expect(try await client(wire).generate(db) == ["k": SecretBytes("v")])
    #expect(wire.dials == 3 && wire.generates == 1)
  }

  @Test("dials are bounded, and the last failure is told as it is")
  func onlyFailedDials() async throws {
    let wire = ScriptedWire(failedDials: .max)
    await #expect(throws: Self.down) { try await client(wire).generate(db) }
    #expect(wire.dials == 4 && wire.generates == 0)
  }

  @Test("UNAVAILABLE that cannot have issued anything is tried again, and a lost answer after it is final")
  func mixed() async throws {
    let wire = ScriptedWire(failures: [
      GenerateFailure(Self.down, mayHaveIssued: false), GenerateFailure(Self.down, mayHaveIssued: true),
    ])
    let error = await #expect(throws: RPCError.self) { try await client(wire).generate(db) }
    #expect(error?.code == .unknown)
    #expect(error?.message.hasPrefix("cannot connect; a credential may have been issued") == true)
    #expect(wire.generates == 2)
  }

  @Test("a server that wants to be asked later has issued nothing, and is asked then")
  func later() async throws {
    let later = RPCError(.resourceExhausted, "later", retryAfterSeconds: 0)
    let wire = ScriptedWire(failures: Array(repeating: GenerateFailure(later, mayHaveIssued: false), count: 5))
    #expect(try await client(wire).generate(db) == ["k": SecretBytes("v")])
    #expect(wire.generates == 6)
  }

  @Test("a code that says more than UNAVAILABLE is kept beside the warning")
  func code() async throws {
    let wire = ScriptedWire(failures: [GenerateFailure(RPCError(.internal, "bad"), mayHaveIssued: true)])
    let error = await #expect(throws: RPCError.self) { try await client(wire).generate(db) }
    #expect(error?.code == .internal && error?.message.hasPrefix("bad; a credential") == true)
  }
}
