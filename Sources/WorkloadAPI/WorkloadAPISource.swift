import Crypto
import FederationAPI
import FederationProto
import GRPC
import Logging
import Transport

/// SVIDs and bundles from a SPIFFE Workload API, which pushes new ones before the old ones end. A lost connection is made
/// again for as long as the source lives; what was pushed last stays in the feed meanwhile.
public final class WorkloadAPISource: SPIFFESource {
  /// How long to wait between attempts, in seconds.
  public struct Pauses: Sendable {
    /// The first pause, doubled with each attempt that gives nothing.
    public var first: Double
    /// The longest pause.
    public var longest: Double

    /// Makes the value.
    public init(first: Double = 0.2, longest: Double = 10) {
      self.first = first
      self.longest = longest
    }
  }

  /// What each pause is multiplied by at random: workloads that lost their agent together do not come back together.
  private static let jitter = 0.75...1.25

  /// What was pushed last, and what is to come.
  public let feed = SPIFFEFeed()
  private let group: EventLoopGroup
  private let task: Task<Void, Never>

  /// Connects to `address`, and goes on until ``close()``. The SVIDs are checked to be fit for `role`. Throws
  /// FAILED_PRECONDITION when the system has no room for the connection's thread.
  public init(
    _ address: WorkloadAPIAddress, for role: SVIDRole, pauses: Pauses = Pauses(), log: Log
  ) throws(RPCError) {
    let group: EventLoopGroup
    do throws(TransportError) {
      group = try EventLoopGroup(loops: 1, log: log)
    } catch {
      throw RPCError(.failedPrecondition, error.description)
    }
    self.group = group
    let feed = feed
    task = Task {
      var pause = pauses.first
      while !Task.isCancelled {
        let error = await Self.follow(address, role, group) { material in
          pause = pauses.first
          feed.publish(material)
        }
        if Task.isCancelled { break }
        feed.fail(Self.reason(error, address))
        log.write(.warning, "workload_api_lost", ["address": "\(address)", "reason": Self.reason(error, address)])
        try? await Task.sleep(for: .seconds(pause * .random(in: Self.jitter)))
        pause = min(pauses.longest, pause * 2)
      }
    }
  }

  deinit { close() }

  /// The newest, for which this waits `seconds` where there is none yet. Throws UNAVAILABLE with the reason of the last
  /// attempt.
  public func current(waiting seconds: Double) async throws(RPCError) -> SPIFFEMaterial {
    if let material = feed.latest { return material }
    let feed = feed
    let found = await withTaskGroup(of: SPIFFEMaterial?.self) { group in
      group.addTask {
        for await _ in feed.changes() { if let material = feed.latest { return material } }
        return nil
      }
      group.addTask {
        try? await Task.sleep(for: .seconds(seconds))
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
    if let found { return found }
    throw RPCError(.unavailable, feed.failure ?? "the Workload API gave no SVID in \(seconds) s")
  }

  /// Closes the connection; nothing is published afterwards.
  public func close() {
    task.cancel()
    feed.end()
    let group = group
    Task { await group.shutDown(graceSeconds: 0) }
  }

  /// Hands over what the Workload API pushes, until it ends; gives why.
  private static func follow(
    _ address: WorkloadAPIAddress, _ role: SVIDRole, _ group: EventLoopGroup, _ take: (SPIFFEMaterial) -> Void
  ) async -> RPCError {
    do throws(RPCError) {
      let client = try await GRPCClient.connect(DialTarget(unixSocket: address.path), group: group)
      defer { client.close() }
      let stream = try client.openServerStream(
        service: "SpiffeWorkloadAPI", method: "FetchX509SVID", request: [],
        metadata: [("workload.spiffe.io", "true")])
      return await withTaskCancellationHandler {
        do throws(RPCError) {
          while var message = try await stream.next() {
            defer { message.wipe() }
            take(try X509SVIDResponse.material(message, for: role))
          }
          return RPCError(.unavailable, "it ended the stream")
        } catch {
          return error
        }
      } onCancel: {
        stream.cancel()
      }
    } catch {
      return error
    }
  }

  private static func reason(_ error: RPCError, _ address: WorkloadAPIAddress) -> String {
    switch error.code {
    case .permissionDenied:
      "the Workload API at \(address) has no identity for this workload: register it, in SPIRE with an entry whose "
        + "selectors fit this process"
    default: "the Workload API at \(address) gives no SVID: \(error.message)"
    }
  }
}
