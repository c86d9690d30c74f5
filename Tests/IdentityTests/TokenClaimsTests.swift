import JSON
import TestSupport
import Testing

@testable import Identity

@Suite struct TokenClaimsTests {
  private let now: Int64 = 1_800_000_000

  @Test(
    "D15: one leeway of a minute for every time, exp required, future nbf and iat refused",
    arguments: [
      (["exp": 1_800_000_001], true), (["exp": 1_799_999_941], true), (["exp": 1_799_999_940], false),
      (["exp": 1_799_999_940.9], false), (["exp": nil], false), (["exp": "1800000100"], false), (["exp": 1e300], false),
      (["exp": -1], false), (["exp": true], false), (["nbf": 1_800_000_060], true), (["nbf": 1_800_000_061], false),
      (["nbf": "x"], false), (["iat": 1_800_000_060], true), (["iat": 1_800_000_061], false), (["iat": [1]], false),
      (["nbf": nil], true), (["iat": nil], true),
    ] as [([String: JSONValue?], Bool)])
  func times(overrides: [String: JSONValue?], isGood: Bool) {
    // A nil in the table takes the claim away.
    let changes = overrides.mapValues { $0 == .some(.null) ? nil : $0 }
    let claims = ServiceAccountClaims(issuer: "i", now: now).overriding(changes)
    #expect(accepts(claims.json) == isGood)
  }

  @Test("requires iss and sub as texts", arguments: ["iss", "sub"])
  func required(name: String) {
    for value: JSONValue? in [nil, 1, "", .null, ["x"]] {
      #expect(!accepts(ServiceAccountClaims(issuer: "i", now: now).overriding([name: value]).json))
    }
  }

  @Test("reads the workload, and none when the claim is absent or incomplete")
  func workload() throws {
    let claims = ServiceAccountClaims(issuer: "i", now: now)
    #expect(try TokenClaims(payload: claims.json.encoded()).kubernetes?.serviceAccount.name == "app")
    #expect(try TokenClaims(payload: claims.json.encoded()).kubernetes?.pod?.name == "app-0")
    #expect(try TokenClaims(payload: claims.overriding(["kubernetes.io": nil]).json.encoded()).kubernetes == nil)
    #expect(
      try TokenClaims(payload: claims.overriding(["kubernetes.io": ["namespace": "apps"]]).json.encoded()).kubernetes
        == nil)
    var unbound = claims
    unbound.pod = nil
    #expect(try TokenClaims(payload: unbound.json.encoded()).kubernetes?.pod == nil)
    #expect(try TokenClaims(payload: unbound.json.encoded()).kubernetes != nil)
  }

  private func accepts(_ claims: JSONValue) -> Bool {
    do {
      try TokenClaims(payload: claims.encoded()).checkTimes(now: now)
      return true
    } catch {
      return false
    }
  }
}
