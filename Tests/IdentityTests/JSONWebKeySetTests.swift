import Crypto
import JSON
import TestSupport
import Testing

@testable import Identity

@Suite struct JSONWebKeySetTests {
  @Test(
    "D9: reads keys of every kind, with odd members beside them and without alg", arguments: SignatureAlgorithm.allCases
  )
  func kinds(algorithm: SignatureAlgorithm) throws {
    let key = TestSigningKey(keyID: "k", algorithm: algorithm, privateKey: try TestKeys.key(for: algorithm))
    var members = try #require(key.jwk.object)
    members["x5c"] = ["MIIB", "MIIC"]
    members["exp"] = 17
    members["nested"] = ["a": [nil, true]]
    for alg in [JSONValue?.none, .string(algorithm.rawValue)] {
      members["alg"] = alg
      members["use"] = alg == nil ? nil : "sig"
      let set = try #require(parse([.object(members)]))
      let token = try JSONWebSignature(compact: key.token(["iss": "i"]))
      #expect(token.isSigned(by: try #require(set["k"].first)))
    }
  }

  @Test("D9: a bad key does not spoil the others")
  func badNeighbours() throws {
    let key = try TestSigningKey(keyID: "good")
    let bad: [JSONValue] = [
      nil, 1, "text", [:], ["kty": "RSA", "kid": "good"], ["kty": "oct", "kid": "good", "k": "AAAA"],
      ["kty": "EC", "kid": "good", "crv": "P-256", "x": 1, "y": 2], ["kty": "EC", "kid": "good", "crv": "secp256k1"],
      ["kty": "OKP", "crv": "X25519", "kid": "good", "x": "AAAA"], ["kty": ["RSA"], "kid": "good"],
    ]
    let set = try #require(parse(bad + [key.jwk] + bad))
    #expect(set.count == 1)
    #expect(set["good"].count == 1)
  }

  @Test(
    "leaves out keys that are not for verifying",
    arguments: [
      ["use": "enc"], ["use": ["sig"]], ["key_ops": ["encrypt"]], ["key_ops": "verify"], ["alg": "RS256"],
      ["alg": "ES384"],
      ["alg": "none"], ["alg": "HS256"], ["alg": 256], ["alg": nil], ["kid": 1], ["kid": nil],
    ] as [JSONValue])
  func unfit(change: JSONValue) throws {
    var members = try #require(try TestSigningKey().jwk.object)
    for (name, value) in change.object ?? [:] { members[name] = value }
    #expect(try #require(parse([.object(members)])).count == 0)
  }

  @Test("D9: a key's alg binds it to that algorithm")
  func algorithmBound() throws {
    let privateKey = try TestKeys.key(for: .rs256)
    let declared = TestSigningKey(keyID: "k", algorithm: .rs512, privateKey: privateKey)
    let signing = TestSigningKey(keyID: "k", algorithm: .rs256, privateKey: privateKey)
    let set = try #require(parse([declared.jwk]))
    #expect(!(try JSONWebSignature(compact: signing.token([:]))).isSigned(by: set["k"][0]))
    #expect(try JSONWebSignature(compact: declared.token([:])).isSigned(by: set["k"][0]))
  }

  @Test("accepts key_ops with verify, and tries all keys of one ID")
  func operations() throws {
    var members = try #require(try TestSigningKey().jwk.object)
    members["key_ops"] = ["sign", "verify"]
    members["use"] = nil
    let set = try #require(parse([.object(members), try TestSigningKey().jwk]))
    #expect(set["key-1"].count == 2)
  }

  @Test("refuses what is no key set", arguments: ["", "{}", "[]", #"{"keys":{}}"#, #"{"keys":null}"#, "<html>"])
  func notASet(text: String) {
    #expect(JSONWebKeySet(parsing: Array(text.utf8)) == nil)
  }

  @Test("looks at a bounded number of keys")
  func bound() throws {
    let key = try TestSigningKey().jwk
    let set = try #require(parse(Array(repeating: key, count: 300)))
    #expect(set.count == 256 && set.leftOut == 44)
  }

  @Test("knows another set that still has all of its keys, whatever else that has")
  func withdrawn() throws {
    let (one, two) = (try TestSigningKey(keyID: "1").jwk, try TestSigningKey(keyID: "2").jwk)
    let set = try #require(parse([one]))
    #expect(set.areAll(in: try #require(parse([two, one]))))
    #expect(!set.areAll(in: try #require(parse([two]))))
    #expect(!set.areAll(in: try #require(parse([]))))
    // Another key under the same ID, and the same key for less.
    #expect(!set.areAll(in: try #require(parse([try TestSigningKey(keyID: "1").jwk]))))
    var unnamed = try #require(one.object)
    unnamed["alg"] = nil
    #expect(!set.areAll(in: try #require(parse([.object(unnamed)]))))
  }

  private func parse(_ keys: [JSONValue]) -> JSONWebKeySet? {
    let body: JSONValue = ["keys": .array(keys)]
    return JSONWebKeySet(parsing: body.encoded())
  }
}
