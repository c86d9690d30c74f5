import FederationAPI
import JSON

/// The claims of a Kubernetes service account token, good unless a test changes them.
public struct ServiceAccountClaims: Sendable {
  /// `iss`.
  public var issuer: String
  /// `kubernetes.io.namespace`.
  public var namespace: String
  /// `kubernetes.io.serviceaccount.name`.
  public var serviceAccount: String
  /// `kubernetes.io.serviceaccount.uid`.
  public var serviceAccountUID = "11111111-1111-4111-8111-111111111111"
  /// `kubernetes.io.pod`, left out when nil.
  public var pod: (name: String, uid: String)? = ("app-0", "22222222-2222-4222-8222-222222222222")
  /// `aud`, always written as a list.
  public var audiences: [String]
  /// `iat` and `nbf`, seconds since 1970.
  public var issuedAt: Int64
  /// `exp`, seconds since 1970.
  public var expiresAt: Int64
  /// Members put over the ones above; `nil` as a value removes one.
  public var overrides: [String: JSONValue?] = [:]

  /// Makes the claims of a token that is good from now on for `lifetime` seconds.
  public init(
    issuer: String, namespace: String = "apps", serviceAccount: String = "app",
    audiences: [String] = ["https://kubernetes.default.svc"], now: Int64 = WallClock.nowSeconds,
    lifetime: Int64 = 3_600
  ) {
    self.issuer = issuer
    self.namespace = namespace
    self.serviceAccount = serviceAccount
    self.audiences = audiences
    issuedAt = now
    expiresAt = now + lifetime
  }

  /// `sub`, as Kubernetes writes it.
  public var subject: String { "system:serviceaccount:\(namespace):\(serviceAccount)" }

  /// The claims with the members of `overrides` put over them.
  public func overriding(_ overrides: [String: JSONValue?]) -> ServiceAccountClaims {
    var copy = self
    copy.overrides.merge(overrides) { _, new in new }
    return copy
  }

  /// The payload.
  public var json: JSONValue {
    var workload: [JSONName: JSONValue] = [
      "namespace": .string(namespace),
      "serviceaccount": ["name": .string(serviceAccount), "uid": .string(serviceAccountUID)],
    ]
    if let pod { workload["pod"] = ["name": .string(pod.name), "uid": .string(pod.uid)] }
    var members: [JSONName: JSONValue] = [
      "iss": .string(issuer), "sub": .string(subject), "aud": .array(audiences.map { .string($0) }),
      "iat": .number(Double(issuedAt)), "nbf": .number(Double(issuedAt)), "exp": .number(Double(expiresAt)),
      "kubernetes.io": .object(workload),
    ]
    for (name, value) in overrides { members[name] = value }
    return .object(members)
  }
}
