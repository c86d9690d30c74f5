import Crypto
import FederationAPI
import Logging
import Synchronization
import WorkloadAPI

/// Where a client finds its X.509-SVID and its trust domain's bundle, asked anew for every fetch because both are rotated.
public struct SVIDSource: Sendable {
  private let read: @Sendable () async -> Result<SPIFFEMaterial, RPCError>

  /// How long a fetch waits for the first SVID of a Workload API: agents hear of a new workload seconds after it starts.
  private static let patienceSeconds = 5.0

  /// Takes what `read` gives. Its error reaches the caller of the fetch.
  public init(_ read: @escaping @Sendable () async -> Result<SPIFFEMaterial, RPCError>) { self.read = read }

  /// PEM files, as spiffe-helper keeps them. While they are replaced one by one they may not fit together: what was read
  /// before is used then, until it ends.
  public static func files(certificate: String, key: String, bundle: String?) -> SVIDSource {
    let files = SVIDFiles(certificate: certificate, key: key, bundle: bundle)
    let memory = Memory()
    return SVIDSource {
      do throws(RPCError) {
        return .success(memory.keep(try files.read(for: .client)))
      } catch {
        guard let kept = memory.material, !kept.hasExpired else { return .failure(error) }
        return .success(kept)
      }
    }
  }

  /// The Workload API at `socket`, `unix:///PATH` or a path. Throws INVALID_ARGUMENT for what is no such address, and
  /// FAILED_PRECONDITION when the system has no room for its thread.
  public static func workloadAPI(_ socket: String, log: Log) throws(RPCError) -> SVIDSource {
    let source = try WorkloadAPISource(try WorkloadAPIAddress(parsing: socket), for: .client, log: log)
    return SVIDSource {
      do throws(RPCError) {
        let material = try await source.current(waiting: patienceSeconds)
        guard material.hasExpired, let failure = source.feed.failure else { return .success(material) }
        return .failure(RPCError(.unavailable, "the SVID has expired, and \(failure)"))
      } catch {
        return .failure(error)
      }
    }
  }

  /// Throws INVALID_ARGUMENT for what is no address of a Workload API.
  public static func checkWorkloadAPI(_ socket: String) throws(RPCError) { _ = try WorkloadAPIAddress(parsing: socket) }

  /// What there is now. Throws FAILED_PRECONDITION when the SVID's time is over.
  func material() async throws(RPCError) -> SPIFFEMaterial {
    let material = try await read().mapError { $0.about(.svidUnusable) }.get()
    guard !material.hasExpired else {
      throw RPCError(
        .failedPrecondition,
        "the SVID of \(material.svid.id) has expired: see that its files or its agent are kept fresh",
        credentialProblem: .svidUnusable)
    }
    return material
  }
}

/// What was read last.
private final class Memory: Sendable {
  private let kept = Mutex<SPIFFEMaterial?>(nil)

  var material: SPIFFEMaterial? { kept.withLock { $0 } }

  func keep(_ material: SPIFFEMaterial) -> SPIFFEMaterial {
    kept.withLock { $0 = material }
    return material
  }
}

extension SPIFFEMaterial {
  fileprivate var hasExpired: Bool { svid.expiresAtSeconds <= WallClock.nowSeconds }
}
