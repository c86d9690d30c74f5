import Testing

@testable import Gateway

/// What ``SecretRoute`` takes, ``Route`` takes for the same secret.
@Suite struct SecretRouteTests {
  private func names(_ path: String) -> (store: String, name: String)? {
    let bytes = Array(path.utf8)
    return SecretRoute(bytes.span.bytes).map { route in
      (String(decoding: bytes[route.store], as: UTF8.self), String(decoding: bytes[route.name], as: UTF8.self))
    }
  }

  @Test(
    "plain paths are taken",
    arguments: [
      ("S", "K"), (".", ".."), ("secrets", "secrets"), ("secretstore", "secretstore"), ("a-b.c_d~", "a:b@c;d=e+f,g"),
      ("!$&'()*", "|\"{}<>^`\\"), (String(repeating: "s", count: 300), String(repeating: "k", count: 2_000)),
    ])
  func taken(store: String, name: String) throws {
    let path = "/secretstore/\(store)/secrets/\(name)"
    let route = try #require(names(path))
    #expect(route.store == store)
    #expect(route.name == name)
    #expect(try Route(method: "POST", path: path[...]) == .getSecret(store: store, name: name))
  }

  @Test(
    "other paths are left",
    arguments: [
      "", "/", "/secretstore", "/secretstore/", "/secretstore/S", "/secretstore/S/", "/secretstore/S/secrets",
      "/secretstore/S/secrets/", "/secretstore//secrets/K", "/secretstore/S/secrets//K", "/secretstore/S/secrets/K/",
      "/secretstore/S/secrets/K/x", "//secretstore/S/secrets/K", "/secretstore/S//secrets/K",
      "/secretstore/S/Secrets/K", "/SecretStore/S/secrets/K", "/secretstore/S/x/secrets/K", "/secretstore/S/secretsK",
      "/secretstore/S/secret/K", "/secretstores/S/secrets/K", "secretstore/S/secrets/K", "/secretstore/%53/secrets/K",
      "/secretstore/S/secrets/%4B", "/secretstore/S/secrets/K%", "/secretstore/S%2Fsecrets/K", "/generators/a/b/c",
      "/secretstore/S/%73ecrets/K", "/secretstore//secrets//K", "/secretstore/secrets/K",
    ])
  func left(path: String) {
    #expect(names(path) == nil)
  }

  @Test("of paths put together at random, what is taken names the same secret as ever")
  func differential() throws {
    let parts = ["/", "/", "secretstore", "secrets", "S", "K", "%", "%53", ".", "?", "secret", "", "/secrets/", "//"]
    var random = Numbers(state: 7)
    var taken = 0
    for _ in 0..<100_000 {
      var path = Int.random(in: 0..<3, using: &random) > 0 ? "/secretstore/" : ""
      for _ in 0..<Int.random(in: 0...7, using: &random) { path += parts.randomElement(using: &random) ?? "" }
      // A question mark never comes here; to Route it never does either.
      guard !path.contains("?"), let route = names(path) else { continue }
      taken += 1
      #expect(try Route(method: "POST", path: path[...]) == .getSecret(store: route.store, name: route.name), "\(path)")
    }
    #expect(taken > 100)
  }
}

/// The same numbers on every run.
struct Numbers: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state >> 29) ^ state
  }
}
