import FederationServer
import Glibc
import Logging

/// One run of a server, from its start to the signal that ends it.
struct ServeRun: Sendable {
  private enum Event: Sendable {
    case signal(Int32)
    case started(Result<FederationServer, ServerStartError>)
  }

  let signals: AsyncStream<Int32>
  let log: Log

  /// Gives the exit status. SIGTERM and SIGINT end a start that is still waiting, too.
  func run(_ configuration: ServerConfiguration) async -> Int32 {
    let (events, sink) = AsyncStream<Event>.makeStream()
    let start = Task { [log] in
      do throws(ServerStartError) {
        sink.yield(.started(.success(try await FederationServer.start(configuration, log: log))))
      } catch {
        sink.yield(.started(.failure(error)))
      }
    }
    let listening = Task { [signals] in
      for await signal in signals { sink.yield(.signal(signal)) }
    }
    defer { listening.cancel() }
    var server: FederationServer?
    var isEnding = false
    for await event in events {
      switch event {
      case .signal(SIGHUP): server?.reload()
      case .signal:
        isEnding = true
        start.cancel()
      case .started(.success(let started)):
        server = started
        if !isEnding { announce(started) }
      case .started(.failure(let error)):
        guard isEnding else {
          writeError("federation-server: \(error)")
          return 1
        }
        log.write(.info, "stopped")
        return 0
      }
      if isEnding, let server {
        log.write(.info, "draining")
        await server.stop()
        log.write(.info, "stopped")
        return 0
      }
    }
    return 0
  }

  private func announce(_ server: FederationServer) {
    if let plain = server.plaintextAddress { print("plaintext listen=\(plain)") }
    let spiffe = server.spiffeAddress.map { " spiffe=\($0)" } ?? ""
    let metrics = server.metricsAddress.map { " metrics=\($0)" } ?? ""
    print("ready listen=\(server.address)\(spiffe)\(metrics)")
    fflush(nil)
  }
}
