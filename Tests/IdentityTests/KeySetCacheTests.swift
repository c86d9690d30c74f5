import FederationAPI
import HTTPClient
import Identity
import TestSupport
import Testing

/// The cache of key sets, seen through the authenticator.
@Suite(.timeLimit(.minutes(1))) struct KeySetCacheTests {
  @Test("D1: a thousand callers at once cost one fetch, and none while the keys are kept")
  func singleFlight() async throws {
    let bed = try IdentityTestBed()
    bed.issuers.hold()
    let tokens = try (1...1_000).map { try bed.token(lifetime: Int64($0) + 10) }
    let replies = tokens.map { bed.begin($0) }
    bed.issuers.release()
    let verified = await withTaskGroup(of: Bool.self) { group in
      for reply in replies { group.addTask { await reply.result().isVerified } }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(verified == 1_000)
    #expect(bed.issuers.requests.count == 2)
    bed.clock.advance(479)
    #expect(bed.begin(try bed.token()).isReady)
    #expect(bed.issuers.requests.count == 2)
    bed.clock.advance(121)
    #expect(await bed.verify(try bed.token()).isVerified)
    #expect(bed.issuers.requests.count == 4)
  }

  @Test("keys that are nearly too old are fetched again by whoever comes, who waits for nothing")
  func refresh() async throws {
    let bed = try IdentityTestBed()
    #expect(await bed.verify(try bed.token()).isVerified)
    bed.issuers.hold()
    bed.clock.advance(480)
    for _ in 0..<3 { #expect(bed.begin(try bed.token()).isReady) }
    await bed.issuers.waitForRequests(3)
    #expect(bed.issuers.requests.count == 3)
    bed.issuers.release()
  }

  @Test("an issuer whose key set is longer than what is taken of it is named in the log")
  func leftOut() async throws {
    let bed = try IdentityTestBed()
    bed.issuers.serve(IdentityTestBed.url, keys: Array(repeating: bed.key, count: 257))
    #expect(await bed.verify(try bed.token()).isVerified)
    #expect(bed.lines.all.contains { $0.contains("keys_left_out") && $0.contains(#""left_out":"1""#) })
  }

  @Test("D1: one cluster that hangs does not hold up another")
  func noSharedWait() async throws {
    let bed = try IdentityTestBed()
    let slow = "https://slow.test"
    let trust = Trust.of(
      [.named("cluster-a", IdentityTestBed.url), .named("slow", slow)],
      [.granting("cluster-a"), .granting("slow", issuer: "slow")])
    #expect(await bed.verify(try bed.token(), trust: trust).isVerified)
    bed.issuers.hold()
    let waiting = bed.begin(try bed.key.token(bed.claims(issuer: "slow")), trust: trust)
    #expect(!waiting.isReady)
    #expect(bed.begin(try bed.token(lifetime: 50), trust: trust).isReady)
    bed.issuers.release()
    #expect(await waiting.result().error == .unauthenticated)
  }

  @Test("an unknown kid refreshes the keys once, then not again for a while")
  func unknownKey() async throws {
    let bed = try IdentityTestBed()
    #expect(await bed.verify(try bed.token()).isVerified)
    bed.clock.advance(11)
    let rotated = try TestSigningKey(keyID: "key-2")
    bed.issuers.serve(IdentityTestBed.url, keys: [bed.key, rotated])
    #expect(await bed.verify(try rotated.token(bed.claims())).isVerified)
    #expect(bed.issuers.keySetRequests == 2)
    for number in 0..<50 {
      let forged = try rotated.token(bed.claims(), header: ["alg": "ES256", "kid": .string("x\(number)")])
      let reply = bed.begin(forged)
      #expect(reply.isReady)
      #expect(await reply.result().error == .unauthenticated)
    }
    #expect(bed.issuers.keySetRequests == 2)
    bed.clock.advance(10)
    let forged = try rotated.token(bed.claims(), header: ["alg": "ES256", "kid": "y"])
    #expect(await bed.verify(forged).error == .unauthenticated)
    #expect(bed.issuers.keySetRequests == 3)
  }

  @Test("a failed fetch is not tried again for a while")
  func negativeCache() async throws {
    let bed = try IdentityTestBed()
    bed.issuers.breakDown(IdentityTestBed.url)
    #expect(await bed.verify(try bed.token()).error == .unauthenticated)
    #expect(bed.issuers.requests.count == 1)
    bed.issuers.serve(IdentityTestBed.url, keys: [bed.key])
    bed.clock.advance(4.9)
    let reply = bed.begin(try bed.token())
    #expect(reply.isReady)
    #expect(await reply.result().error == .unauthenticated)
    bed.clock.advance(0.2)
    #expect(await bed.verify(try bed.token()).isVerified)
    #expect(!bed.lines.all.contains { $0.contains("10.1.2.3") })
    #expect(bed.lines.all.contains { $0.contains("request to \(IdentityTestBed.url) failed: unreachable") })
  }

  @Test("the last good keys serve while the issuer is down, for a bounded time, and the log says so")
  func staleKeys() async throws {
    let bed = try IdentityTestBed()
    #expect(await bed.verify(try bed.token()).isVerified)
    bed.issuers.breakDown(IdentityTestBed.url)
    bed.clock.advance(700)
    #expect(await bed.verify(try bed.token()).isVerified)
    #expect(bed.lines.all.contains { $0.contains("keys_not_fetched") && $0.contains("the last good keys") })
    #expect(bed.begin(try bed.token(lifetime: 50)).isReady)
    let before = bed.issuers.requests.count
    bed.clock.advance(6)
    // Nobody waits for the next attempt, yet it is made.
    #expect(bed.begin(try bed.token()).isReady)
    await bed.issuers.waitForRequests(before + 1)
    bed.clock.advance(86_400)
    #expect(await bed.verify(try bed.token()).error == .unauthenticated)
  }

  @Test("an issuer that is back replaces the last good keys")
  func recovery() async throws {
    let bed = try IdentityTestBed()
    #expect(await bed.verify(try bed.token()).isVerified)
    bed.issuers.breakDown(IdentityTestBed.url)
    bed.clock.advance(700)
    #expect(await bed.verify(try bed.token()).isVerified)
    let next = try TestSigningKey(keyID: "next")
    bed.issuers.serve(IdentityTestBed.url, keys: [next])
    bed.clock.advance(6)
    #expect(await bed.verify(try next.token(bed.claims())).isVerified)
    #expect(await bed.verify(try bed.token()).error == .unauthenticated)
  }

  @Test("bundles that verified nothing never push out the one that did")
  func bundleBound() async throws {
    let bed = try IdentityTestBed { $0.maximumBundlesPerFederation = 3 }
    let good = try TestCertificateAuthority(name: "Good").certificatePEM
    #expect(await bed.verify(try bed.token(), ca: good).isVerified)
    bed.issuers.answer(IdentityTestBed.url + "/.well-known/openid-configuration") { request in
      request.caCertificates == good
        ? .success(HTTPResponse(status: 503)) : .failure(HTTPClientError(.tls, "self-signed certificate"))
    }
    for number in 0..<10 {
      bed.clock.advance(1)
      let garbage = try TestCertificateAuthority(name: "Garbage \(number)").certificatePEM
      #expect(await bed.verify(try bed.token(), ca: garbage).error == .unauthenticated)
    }
    #expect(bed.issuers.keySetRequests == 1)
    #expect(bed.begin(try bed.token(lifetime: 50), ca: good).isReady)
  }

  @Test("fetches of one federation at once are bounded; the others wait for their turn")
  func concurrentFetches() async throws {
    let bed = try IdentityTestBed { $0.maximumFetchesPerFederation = 2 }
    bed.issuers.hold()
    let bundles = try (0..<6).map { try TestCertificateAuthority(name: "CA \($0)").certificatePEM }
    let replies = try bundles.map { bed.begin(try bed.token(), ca: $0) }
    await bed.issuers.waitForRequests(2)
    #expect(bed.issuers.requests.count == 2)
    bed.issuers.release()
    for reply in replies { #expect(await reply.result().isVerified) }
    #expect(bed.issuers.keySetRequests == 6)
  }

  @Test("when every place for a bundle is being fetched, further callers are told to retry")
  func bundlesBusy() async throws {
    let bed = try IdentityTestBed { $0.maximumBundlesPerFederation = 2 }
    bed.issuers.hold()
    let bundles = try (0..<3).map { try TestCertificateAuthority(name: "CA \($0)").certificatePEM }
    let replies = try bundles.map { bed.begin(try bed.token(), ca: $0) }
    let refused = await replies[2].result().error
    #expect(refused?.code == .resourceExhausted)
    #expect(refused?.message.hasSuffix("retry") == true)
    bed.issuers.release()
    #expect(await replies[0].result().isVerified)
    #expect(await replies[1].result().isVerified)
  }

  @Test("calls that wait are bounded; one more is told to retry")
  func waitingCalls() async throws {
    let bed = try IdentityTestBed { $0.maximumWaitingCalls = 1 }
    bed.issuers.hold()
    let first = bed.begin(try bed.token())
    let second = bed.begin(try bed.token(lifetime: 50))
    await bed.issuers.waitForRequests(1)
    let results = await withTaskGroup(of: Result<VerifiedIdentity, RPCError>.self) { group in
      group.addTask { await first.result() }
      group.addTask { await second.result() }
      let early = await group.next()
      bed.issuers.release()
      return [early, await group.next()].compactMap { $0 }
    }
    #expect(
      results[0].error
        == RPCError(.resourceExhausted, "server busy: too many calls wait for key sets; retry"))
    #expect(results[1].isVerified)
    #expect(await bed.verify(try bed.token(lifetime: 70)).isVerified)
  }

  @Test("keys of a federation that moved are not used for its new URL")
  func moved() async throws {
    let bed = try IdentityTestBed()
    #expect(await bed.verify(try bed.token()).isVerified)
    let elsewhere = "https://elsewhere.test"
    let newKey = try TestSigningKey()
    bed.issuers.serve(elsewhere, keys: [newKey])
    let trust = Trust.of([.named("cluster-a", elsewhere)], [.granting("cluster-a")], generation: 2)
    #expect(await bed.verify(try bed.token(), trust: trust).error == .unauthenticated)
    #expect(await bed.verify(try newKey.token(bed.claims()), trust: trust).isVerified)
  }
}
