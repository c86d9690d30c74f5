import JSON
import Kubernetes
import Resources

/// What the server makes of one object.
struct Verdict: Sendable, Equatable {
  /// Whether the object does what it is for, as the condition's `reason` says it.
  enum Reason: String, Sendable {
    /// It is used.
    case accepted = "Accepted"
    /// Something is wrong with what it says, or the server was not started with what it needs: it is left out.
    case invalid = "Invalid"
    /// A Secret, or a key of one, is not there.
    case secretMissing = "SecretMissing"
    /// It refers to a Secret past those that are followed.
    case tooManySecrets = "TooManySecrets"
    /// Nothing of the server asks for it.
    case notServed = "NotServed"
    /// A store's backend does not let the server in. Its values are given on, and it is asked again.
    case checkFailed = "CheckFailed"

    /// What the condition's `status` says.
    var isReady: Bool { self == .accepted }
  }

  var reason: Reason
  /// What is wrong with it, or deserves a look.
  var message: String
  /// Which object, and which generation of it.
  var uid: String
  var generation: Int64

  /// The API's own limit for a condition's message is 32 KiB.
  private static let maximumMessage = 4_096

  init(_ reason: Reason, _ notes: [String] = [], diagnostics: [Diagnostic], object: KubernetesObject) {
    self.reason = reason
    // An error is what there is to mend first.
    let errors = diagnostics.filter(\.isError)
    let shown = notes + (reason.isReady || errors.isEmpty ? diagnostics : errors).map(\.message)
    message = Self.message(shown)
    uid = object.uid
    generation = object.generation
  }

  /// The verdict once the store's backend was asked; nil while it has not been.
  func with(_ check: StoreCheck?) -> Verdict? {
    guard reason.isReady else { return self }
    switch check {
    case nil, .noStore: return nil
    case .passed: return self
    case .failed(let text):
      var verdict = self
      verdict.reason = .checkFailed
      verdict.message = Self.message(["its backend cannot be used: \(text)"])
      return verdict
    }
  }

  private static func message(_ texts: [String]) -> String {
    texts.isEmpty ? "the server uses it" : String(texts.joined(separator: "; ").prefix(maximumMessage))
  }

  /// A merge patch that has `object` say so in its condition `type`, with its other conditions as they are; nil when it
  /// does already. The object's version is a condition of the patch, which replaces the list whole.
  func patch(of object: KubernetesObject, type: String, now: String = KubernetesTime.now) -> JSONValue? {
    var conditions = object["status"]?["conditions"]?.array ?? []
    let index = conditions.firstIndex { $0["type"]?.string == type }
    let before = index.map { conditions[$0] }
    var condition: [JSONName: JSONValue] = [
      "type": .string(type), "status": .string(reason.isReady ? "True" : "False"),
      "reason": .string(reason.rawValue), "message": .string(message),
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
