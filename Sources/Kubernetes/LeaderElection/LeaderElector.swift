import FederationAPI
import JSON
import Logging

/// Has one of several programs lead, by a Lease (`coordination.k8s.io/v1`) that the leader renews.
///
/// A leader that can no longer renew gives up before its Lease ends, so that no two lead at a time as long as their clocks
/// run equally fast: times of the Lease are compared with nobody's clock, only how long it has stayed unchanged.
public struct LeaderElector: Sendable {
  /// How long things take, in seconds.
  public struct Timing: Sendable {
    /// From the last renewal to when another may lead.
    public var lease: Double
    /// From the last renewal to when the leader gives up.
    public var renewalDeadline: Double
    /// Between two looks at the Lease.
    public var retry: Double

    /// With the defaults another leads within twelve seconds of a leader's sudden end.
    public init(lease: Double = 10, renewalDeadline: Double = 7, retry: Double = 2) {
      self.lease = lease
      self.renewalDeadline = renewalDeadline
      self.retry = retry
    }
  }

  private let client: KubernetesClient
  private let namespace: String
  private let name: String
  private let identity: String
  private let timing: Timing
  private let log: Log

  /// Competes for the Lease `name`; `identity` must be no other's.
  public init(
    _ client: KubernetesClient, namespace: String, name: String, identity: String, timing: Timing = Timing(), log: Log
  ) {
    self.client = client
    self.namespace = namespace
    self.name = name
    self.identity = identity
    self.timing = timing
    self.log = log
  }

  /// Waits until this program leads, and then runs `lead`, whose task is cancelled when the leadership is lost; then it
  /// competes again. Returns when `lead` returns by itself, the Lease given up, or when the task is cancelled.
  public func run(_ lead: @escaping @Sendable () async -> Void) async {
    while !Task.isCancelled {
      guard let renewed = await acquire() else { return }
      log.write(.info, "leading", ["lease": "\(namespace)/\(name)", "identity": identity])
      let isLost = await withTaskGroup(of: Bool.self) { group in
        group.addTask {
          await lead()
          return false
        }
        group.addTask { await keep(since: renewed) }
        let isLost = await group.next() ?? true
        group.cancelAll()
        return isLost
      }
      guard isLost else { return await release() }
      if Task.isCancelled { return await release() }
      log.write(.warning, "leadership_lost", ["lease": "\(namespace)/\(name)", "identity": identity])
    }
  }

  /// When the Lease was taken; nil when the task was cancelled first.
  private func acquire() async -> MonotonicTime? {
    var seen: (version: String, at: MonotonicTime)?
    while !Task.isCancelled {
      // What counts is when it was asked for, not when the answer came.
      let now = MonotonicTime.now
      do throws(KubernetesError) {
        if try await take(&seen, now) { return now }
      } catch {
        if error.kind != .conflict && error.kind != .alreadyExists {
          log.write(.warning, "lease_failed", ["reason": error.message])
        }
      }
      do { try await Task.sleep(for: .seconds(timing.retry * Double.random(in: 0.8...1))) } catch { return nil }
    }
    return nil
  }

  private func take(
    _ seen: inout (version: String, at: MonotonicTime)?, _ now: MonotonicTime
  ) async throws(KubernetesError) -> Bool {
    let lease: KubernetesObject
    do throws(KubernetesError) {
      lease = try await client.get(.leases, namespace: namespace, name: name)
    } catch {
      guard error.kind == .notFound else { throw error }
      let fresh = KubernetesObject(
        .leases, namespace: namespace, name: name, fields: ["spec": spec(transitions: 0, acquired: nil)])
      _ = try await client.create(fresh, of: .leases)
      return true
    }
    if seen?.version != lease.resourceVersion { seen = (lease.resourceVersion, now) }
    let holder = lease["spec"]?["holderIdentity"]?.string ?? ""
    let isFree = holder.isEmpty || holder == identity
    if !isFree, let seen {
      let duration = lease["spec"]?["leaseDurationSeconds"]?.number ?? timing.lease
      guard Double(seen.at.nanoseconds(until: now)) / 1e9 >= duration else { return false }
    }
    try await write(lease, isNew: holder != identity)
    return true
  }

  /// Renews until it cannot; gives true then.
  private func keep(since first: MonotonicTime) async -> Bool {
    var renewed = first
    while !Task.isCancelled {
      do { try await Task.sleep(for: .seconds(timing.retry)) } catch { return true }
      let now = MonotonicTime.now
      do throws(KubernetesError) {
        let lease = try await client.get(.leases, namespace: namespace, name: name)
        guard lease["spec"]?["holderIdentity"]?.string == identity else { return true }
        try await write(lease, isNew: false)
        renewed = now
      } catch {
        log.write(.warning, "lease_failed", ["reason": error.message])
      }
      if Double(renewed.nanoseconds(until: .now)) / 1e9 >= timing.renewalDeadline { return true }
    }
    return true
  }

  private func write(_ lease: KubernetesObject, isNew: Bool) async throws(KubernetesError) {
    let transitions = lease["spec"]?["leaseTransitions"]?.integer ?? 0
    var next = lease
    next["spec"] = spec(
      transitions: isNew ? transitions + 1 : transitions,
      acquired: isNew ? nil : lease["spec"]?["acquireTime"])
    _ = try await client.replace(next, of: .leases)
  }

  private func spec(transitions: Int64, acquired: JSONValue?) -> JSONValue {
    let now = JSONValue.string(KubernetesTime.microNow)
    return [
      "holderIdentity": .string(identity), "leaseDurationSeconds": .number(timing.lease.rounded(.up)),
      "acquireTime": acquired ?? now, "renewTime": now, "leaseTransitions": .number(Double(transitions)),
    ]
  }

  /// Lets another lead at once. It does not matter when this fails: the Lease ends by itself.
  private func release() async {
    // Also from a task that was cancelled.
    await Task.detached { [self] in
      guard let lease = try? await client.get(.leases, namespace: namespace, name: name),
        lease["spec"]?["holderIdentity"]?.string == identity, var spec = lease["spec"]?.object
      else { return }
      var next = lease
      spec["holderIdentity"] = ""
      spec["leaseDurationSeconds"] = 1
      next["spec"] = .object(spec)
      _ = try? await client.replace(next, of: .leases)
    }.value
    log.write(.info, "leadership_released", ["lease": "\(namespace)/\(name)", "identity": identity])
  }
}
