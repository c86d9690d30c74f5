import JSON
import Kubernetes
import Resources

/// What the server makes of one object.
struct Verdict: Sendable, Equatable {
  /// Whether it is used.
  var isUsable: Bool
  /// What is wrong with it, or deserves a look.
  var message: String
  /// Which object, and which generation of it.
  var uid: String
  var generation: Int64

  /// The API's own limit for a condition's message is 32 KiB.
  private static let maximumMessage = 4_096

  init(isUsable: Bool, diagnostics: [Diagnostic], object: KubernetesObject) {
    self.isUsable = isUsable
    // An error is what there is to mend first.
    let shown = isUsable ? diagnostics : diagnostics.filter(\.isError)
    let text = shown.map(\.message).joined(separator: "; ")
    message = text.isEmpty ? "the server uses it" : String(text.prefix(Self.maximumMessage))
    uid = object.uid
    generation = object.generation
  }

  /// A merge patch that has `object` say so in its condition `type`, with its other conditions as they are; nil when it
  /// does already. The object's version is a condition of the patch, which replaces the list whole.
  func patch(of object: KubernetesObject, type: String, now: String = KubernetesTime.now) -> JSONValue? {
    var conditions = object["status"]?["conditions"]?.array ?? []
    let index = conditions.firstIndex { $0["type"]?.string == type }
    let before = index.map { conditions[$0] }
    var condition: [JSONName: JSONValue] = [
      "type": .string(type), "status": .string(isUsable ? "True" : "False"),
      "reason": .string(isUsable ? "Accepted" : "Invalid"), "message": .string(message),
      "observedGeneration": .number(Double(generation)),
    ]
    if let before, Self.says(before, condition) { return nil }
    let isSameStatus = before?["status"] == condition["status"]
    condition["lastTransitionTime"] = (isSameStatus ? before?["lastTransitionTime"] : nil) ?? .string(now)
    if let index { conditions[index] = .object(condition) } else { conditions.append(.object(condition)) }
    return [
      "metadata": ["uid": .string(object.uid), "resourceVersion": .string(object.resourceVersion)],
      "status": ["conditions": .array(conditions)],
    ]
  }

  /// Whether a condition says what is `wanted`. External Secrets' own definition of a store knows no generation in it, and
  /// drops that.
  private static func says(_ condition: JSONValue, _ wanted: [JSONName: JSONValue]) -> Bool {
    wanted.allSatisfy { name, value in
      condition[name.text] == value || name.text == "observedGeneration" && condition[name.text] == nil
    }
  }
}
