import FederationAPI
import Service
import Transport

/// What a running server tells of itself: sums of what its loops have counted, and what its parts say.
final class ServerMetrics: MetricsSource {
  /// How long a loop may take to come to the end of its turn, in seconds. No turn waits for anything, so that one which
  /// takes this long will not end.
  private static let patience = 5.0

  private let group: EventLoopGroup
  private let wires: Wires
  private let handlers: FederationHandlers
  private let backing: Backing
  private let configuration: ConfigurationCounts
  private let refusedObjects: RefusedObjects?
  private let reports = LoopReports()

  init(
    group: EventLoopGroup, wires: Wires, handlers: FederationHandlers, backing: Backing,
    configuration: ConfigurationCounts, refusedObjects: RefusedObjects?
  ) {
    self.group = group
    self.wires = wires
    self.handlers = handlers
    self.backing = backing
    self.configuration = configuration
    self.refusedObjects = refusedObjects
  }

  func stuckLoops() async -> [Int] {
    let answers = await group.ask(within: Self.patience) { _ in true }
    return answers.indices.filter { answers[$0] == .late }
  }

  func write(to text: inout MetricsText) async {
    let wires = wires
    let loops = reports.sum(await group.ask(within: Self.patience) { LoopReport($0, wires) })
    let service = handlers.measures
    text.addCalls(loops.calls)
    text.addConnections(loops.connections, loops.calls)
    text.addRefusals(loops.connections, service)
    text.addHoldings(service)
    text.addStores(backing.remote.measures, answeredAtOnce: loops.memoryAnswers)
    text.addCredentials(service.issuance)
    text.addConfiguration(configuration, refused: refusedObjects?.byKind ?? [:], generation: handlers.generation)
  }
}
