import Crypto
import FederationAPI
import Identity
import JSON
import Resources
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct AuthenticatorTests {
  @Test("D2: the first request of a cluster already succeeds, with all that the token proves")
  func firstRequest() async throws {
    let bed = try IdentityTestBed()
    let identity = try await bed.verify(bed.token()).get()
    #expect(
      identity
        == VerifiedIdentity(
          method: .oidc, provider: IdentityTestBed.issuer, subject: "system:serviceaccount:apps:app",
          kubernetes: KubernetesAttributes(
            namespace: "apps", serviceAccount: .init(name: "app", uid: "11111111-1111-4111-8111-111111111111"),
            pod: .init(name: "app-0", uid: "22222222-2222-4222-8222-222222222222")),
          federations: [.kubernetes("cluster-a")], expiresAtSeconds: IdentityTestBed.Clock.start + 3_600,
          trustGeneration: 1))
  }

  @Test("accepts every algorithm, and none of its tokens with a changed byte", arguments: SignatureAlgorithm.allCases)
  func algorithms(algorithm: SignatureAlgorithm) async throws {
    let key = TestSigningKey(keyID: "k", algorithm: algorithm, privateKey: try TestKeys.key(for: algorithm))
    let bed = try IdentityTestBed(key: key)
    let token = try bed.token()
    #expect(await bed.verify(token).isVerified)
    #expect(await bed.verify(TestToken.withBrokenSignature(token)).error == .unauthenticated)
    let others = bed.claims(serviceAccount: "other").json
    #expect(await bed.verify(TestToken.withClaims(others, in: token)).error == .unauthenticated)
  }

  @Test("answers at once when the keys are known, and when the token is")
  func readyAnswers() async throws {
    let bed = try IdentityTestBed()
    let token = try bed.token()
    #expect(!bed.begin(token).isReady)
    #expect(await bed.verify(token).isVerified)
    #expect(bed.begin(token).isReady)
    #expect(bed.begin(try bed.token(lifetime: 100)).isReady)
    #expect(bed.begin(TestToken.withBrokenSignature(token)).isReady)
    #expect(bed.issuers.keySetRequests == 1)
  }

  @Test("D7: every bad credential gets the same text, and the log has the reason without the token")
  func constantText() async throws {
    let bed = try IdentityTestBed()
    let good = try bed.token()
    let pieces = good.split(separator: ".").map(String.init)
    let rsaModulus = Array("-----BEGIN PUBLIC KEY-----".utf8)
    let hmacHeader: JSONValue = ["alg": "HS256", "kid": "key-1"]
    var texts: [String: String] = [
      "empty": "", "words": "not a token", "two parts": pieces[0] + "." + pieces[1], "four parts": good + ".x",
      "padded": good + "=", "no signature": pieces[0] + "." + pieces[1] + ".", "space": " " + good,
      "header no JSON": "e30x." + pieces[1] + "." + pieces[2], "too long": String(repeating: "a", count: 16_385),
      "alg none": TestToken.assemble(header: ["alg": "none", "kid": "key-1"], claims: bed.claims().json),
      "alg none signed": TestToken.assemble(
        header: ["alg": "none", "kid": "key-1"], claims: bed.claims().json, signature: [1]),
      "HS256": TestToken.assemble(header: hmacHeader, claims: bed.claims().json, signature: SHA256.digest(rsaModulus)),
      "wrong key": try TestSigningKey().token(bed.claims()),
      "unknown issuer": try bed.key.token(bed.claims(issuer: "https://elsewhere.test")),
    ]
    let headers: [String: JSONValue] = [
      "alg missing": ["kid": "key-1"], "alg of another curve": ["alg": "ES384", "kid": "key-1"],
      "alg of RSA": ["alg": "RS256", "kid": "key-1"], "crit": ["alg": "ES256", "kid": "key-1", "crit": ["b64"]],
      "unknown kid": ["alg": "ES256", "kid": "key-2"], "lower case": ["alg": "es256", "kid": "key-1"],
    ]
    for (name, header) in headers { texts[name] = try bed.key.token(bed.claims(), header: header) }
    for (name, text) in texts {
      #expect(await bed.verify(text).error == RPCError(.unauthenticated, "Unauthorized"), "\(name)")
    }
    #expect(await bed.verify(nil).error == RPCError(.unauthenticated, "Unauthorized"))
    #expect(bed.lines.count("authentication_refused") >= 15)
    #expect(!bed.lines.all.contains { $0.contains(pieces[1]) || $0.contains(pieces[2]) || $0.contains("elsewhere") })
    #expect(await bed.verify(good).isVerified)
  }

  @Test(
    "D8: a kid that is missing or not a string is refused like any other bad token",
    arguments: [
      [:], ["kid": 1], ["kid": nil], ["kid": ["key-1"]], ["kid": ""],
    ] as [JSONValue])
  func keyID(members: JSONValue) async throws {
    let bed = try IdentityTestBed()
    var header = members.object ?? [:]
    header["alg"] = "ES256"
    #expect(await bed.verify(try bed.key.token(bed.claims(), header: .object(header))).error == .unauthenticated)
    #expect(bed.issuers.requests.isEmpty)
  }

  @Test("takes the exact scheme Bearer only")
  func scheme() async throws {
    let bed = try IdentityTestBed()
    let token = try bed.token()
    for authorization in [
      token, "bearer \(token)", "Bearer\(token)", "Bearer  \(token)", "Basic \(token)", "Bearer", "",
    ] {
      let call = CallContext(authorization: authorization, peer: "p")
      let reply = bed.authenticator.verify(call, caCertificates: [], trust: .clusterA)
      #expect(await reply.result().error == .unauthenticated, "\(authorization.prefix(8))")
    }
  }

  @Test("D16: refuses a token for another audience where the federation lists its own")
  func audiences() async throws {
    let bed = try IdentityTestBed()
    func verify(_ accepted: [String]?, _ audience: JSONValue?) async throws -> Bool {
      let federation = KubernetesFederation.named("cluster-a", IdentityTestBed.url, audiences: accepted)
      let token = try bed.key.token(bed.claims().overriding(["aud": audience]))
      return await bed.verify(token, trust: .of([federation], [.granting("cluster-a")])).isVerified
    }
    #expect(try await verify(nil, ["anything"]))
    #expect(try await verify(nil, nil))
    #expect(try await verify(["ese"], ["other", "ese"]))
    #expect(try await verify(["ese", "second"], "second"))
    #expect(try await !verify(["ese"], ["other"]))
    #expect(try await !verify(["ese"], "ESE"))
    #expect(try await !verify(["ese"], nil))
    #expect(try await !verify([], ["ese"]))
    #expect(try await !verify(nil, ["ese", 1]))
  }

  @Test("refuses a ca.crt that is no list of certificates, whether or not the keys are known")
  func badBundle() async throws {
    let bed = try IdentityTestBed()
    let good = try TestCertificateAuthority().certificatePEM
    let token = try bed.token()
    #expect(await bed.verify(token, ca: Array("hello".utf8)).error == .unauthenticated)
    #expect(await bed.verify(token, ca: good).isVerified)
    for bad in [Array("hello".utf8), Array(good.dropLast(40)), good + Array("-----BEGIN X-----\n".utf8)] {
      #expect(await bed.verify(token, ca: bad).error == .unauthenticated)
    }
    #expect(await bed.verify(token).isVerified)
  }

  @Test("forgets a verified token when it expires, and when the trust changes")
  func expiry() async throws {
    let bed = try IdentityTestBed()
    let token = try bed.token(lifetime: 100)
    #expect(await bed.verify(token).isVerified)
    bed.clock.advance(159)
    #expect(await bed.verify(token).isVerified)
    bed.clock.advance(1)
    #expect(await bed.verify(token).error == .unauthenticated)

    let fresh = try bed.token()
    #expect(await bed.verify(fresh).isVerified)
    let withoutGrants = Trust.of([.named("cluster-a", IdentityTestBed.url)], [], generation: 2)
    #expect(await bed.verify(fresh, trust: withoutGrants).error == .unauthenticated)
  }

  @Test("gives up a wait that is cancelled, and says when it was for the deadline")
  func cancellation() async throws {
    let bed = try IdentityTestBed()
    bed.issuers.hold()
    let reply = bed.begin(try bed.token(), deadline: bed.clock.monotonic.advanced(bySeconds: 1))
    let timed = Task { await reply.result() }
    await bed.issuers.waitForRequests(1)
    bed.clock.advance(2)
    timed.cancel()
    #expect(await timed.value.error?.code == .deadlineExceeded)
    let second = bed.begin(try bed.token())
    let given = Task { await second.result() }
    given.cancel()
    #expect(await given.value.error?.code == .cancelled)
    bed.issuers.release()
    #expect(await bed.verify(try bed.token()).isVerified)
    #expect(bed.issuers.keySetRequests == 1)
  }
}
