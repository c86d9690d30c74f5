import FederationAPI
import JSON
import Logging

/// Posts Events (core `v1`) about objects: what a person sees with `kubectl describe`.
///
/// The same event again within ten minutes counts up the one that is there. What the API does not take is logged and
/// lost: nothing waits for an event.
public actor EventRecorder {
  private static let maximumKnown = 4_096
  private static let repeatSeconds = 600.0
  /// The API's own limit for a note.
  private static let maximumMessage = 1_024

  private struct Key: Hashable {
    var object: String
    var reason: String
    var message: String
  }

  private let client: KubernetesClient
  private let component: String
  private let log: Log
  private var known: [Key: (name: String, count: Int64, at: MonotonicTime)] = [:]

  /// Posts in the name of `component`.
  public init(_ client: KubernetesClient, component: String, log: Log) {
    self.client = client
    self.component = component
    self.log = log
  }

  /// Posts one event about the object that `reference` (an ObjectReference) names, in its namespace.
  public func post(
    about reference: ObjectReference, isWarning: Bool, reason: String, message: String
  ) async {
    let text = String(message.prefix(Self.maximumMessage))
    let key = Key(object: reference.uid, reason: reason, message: text)
    do throws(KubernetesError) {
      if let last = known[key], Double(last.at.nanoseconds(until: .now)) / 1e9 < Self.repeatSeconds {
        known[key] = (last.name, last.count + 1, .now)
        _ = try await client.patch(
          .events, namespace: reference.namespace, name: last.name,
          mergePatch: ["count": .number(Double(last.count + 1)), "lastTimestamp": .string(KubernetesTime.now)])
        return
      }
      if known.count >= Self.maximumKnown { known = [:] }
      let name = "\(reference.name.prefix(200)).\(String(UInt64.random(in: .min ... .max), radix: 16))"
      known[key] = (name, 1, .now)
      let now = JSONValue.string(KubernetesTime.now)
      let event = KubernetesObject(
        .events, namespace: reference.namespace, name: name,
        fields: [
          "involvedObject": reference.json, "type": .string(isWarning ? "Warning" : "Normal"),
          "reason": .string(reason), "message": .string(text), "source": ["component": .string(component)],
          "firstTimestamp": now, "lastTimestamp": now, "count": 1,
        ])
      _ = try await client.create(event, of: .events)
    } catch {
      known[key] = nil
      log.write(.warning, "event_failed", ["reason": error.message])
    }
  }
}

/// Names an object in an Event.
public struct ObjectReference: Sendable, Hashable {
  /// `apiVersion`.
  public var apiVersion: String
  /// `kind`.
  public var kind: String
  /// `namespace`.
  public var namespace: String
  /// `name`.
  public var name: String
  /// `uid`.
  public var uid: String

  /// Makes a reference.
  public init(apiVersion: String, kind: String, namespace: String, name: String, uid: String) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.uid = uid
  }

  fileprivate var json: JSONValue {
    [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "namespace": .string(namespace), "name": .string(name),
      "uid": .string(uid),
    ]
  }
}
