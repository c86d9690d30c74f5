import FederationAPI
import Transport

/// Makes connections to the server under test.
struct Dialer: Sendable {
  let group: EventLoopGroup
  let target: DialTarget

  /// A generator reads whatever its own output does: its calls in flight are what bounds it.
  static var limits: ListenerLimits {
    var limits = ListenerLimits()
    limits.readsOnlyWhileOutputHasRoom = false
    limits.outputMaximum = 1 << 30
    limits.loopInputBudget = 1 << 32
    return limits
  }

  init(_ options: RunOptions, group: EventLoopGroup) throws {
    let tls = try ClientTLS(
      caCertificates: try ByteFile.read(options.caFile), alpn: [WireFactory.alpn(options.wire)], minimumVersion: .v13)
    self.group = group
    target = DialTarget(
      host: options.host, port: options.port, serverName: options.serverName, tls: tls, timeoutSeconds: 30)
  }

  /// Returns when the connection is open.
  func connect(_ makeHandler: @escaping @Sendable (String?) -> any ConnectionHandler) async throws
    -> ConnectionReference
  {
    try await group.connect(target, limits: Self.limits, makeHandler: makeHandler)
  }

  /// Starts to connect; `failed` is called, on no particular thread, with the reason when that comes to nothing.
  func dial(
    _ makeHandler: @escaping @Sendable (String?) -> any ConnectionHandler, failed: @escaping @Sendable (String) -> Void
  ) {
    Task {
      do { _ = try await connect(makeHandler) } catch { failed("\(error)") }
    }
  }

  /// Makes `count` connections, a few at a time, and returns them in order.
  func connect(
    count: Int, _ makeHandler: @escaping @Sendable (Int) -> any ConnectionHandler
  ) async throws -> [ConnectionReference] {
    try await withThrowingTaskGroup(of: (Int, ConnectionReference).self) { tasks in
      var references: [Int: ConnectionReference] = [:]
      for index in 0..<count {
        if index >= 64, let (done, reference) = try await tasks.next() { references[done] = reference }
        tasks.addTask { (index, try await connect { _ in makeHandler(index) }) }
      }
      for try await (done, reference) in tasks { references[done] = reference }
      return (0..<count).compactMap { references[$0] }
    }
  }
}
