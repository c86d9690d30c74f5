import FederationAPI
import Identity
import Resources
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct AuthenticatorFederationTests {
  private static let urlB = "https://cluster-b.test:6443"
  private static let issuerB = "https://issuer-b.test"

  @Test("D3: a key of one issuer cannot sign for another, also over the same ca.crt")
  func issuersAreApart() async throws {
    let bed = try IdentityTestBed()
    let keyB = try TestSigningKey()
    bed.issuers.serve(Self.urlB, keys: [keyB])
    let trust = Trust.of(
      [.named("cluster-a", IdentityTestBed.url), .named("cluster-b", Self.urlB)],
      [.granting("cluster-a"), .granting("cluster-b", issuer: Self.issuerB)])
    let ca = try TestCertificateAuthority().certificatePEM
    #expect(await bed.verify(try bed.token(), ca: ca, trust: trust).isVerified)
    let forged = try bed.key.token(bed.claims(issuer: Self.issuerB))
    #expect(await bed.verify(forged, ca: ca, trust: trust).error == .unauthenticated)
    let honest = try await bed.verify(try keyB.token(bed.claims(issuer: Self.issuerB)), ca: ca, trust: trust).get()
    #expect(honest.provider == Self.issuerB)
    #expect(honest.federations == [.kubernetes("cluster-b")])
    #expect(await bed.verify(forged, ca: ca, trust: trust).error == .unauthenticated)
  }

  @Test("D4: a federation that cannot be reached does not keep another of the issuer from verifying")
  func independentAttempts() async throws {
    let bed = try IdentityTestBed()
    bed.issuers.breakDown(Self.urlB)
    for order in [["cluster-b", "cluster-a"], ["cluster-a", "cluster-b"]] {
      let trust = Trust.of(
        [.named("cluster-a", IdentityTestBed.url), .named("cluster-b", Self.urlB)], order.map { .granting($0) })
      let identity = try await bed.verify(try bed.token(lifetime: 60), trust: trust).get()
      #expect(identity.federations == [.kubernetes("cluster-a")])
    }
  }

  @Test("a federation that is down is not waited for once another verified the token")
  func noWaitForTheDead() async throws {
    let bed = try IdentityTestBed()
    bed.issuers.breakDown(Self.urlB, kind: .timeout)
    let trust = Trust.of(
      [.named("cluster-a", IdentityTestBed.url), .named("cluster-b", Self.urlB)],
      [.granting("cluster-a"), .granting("cluster-b")])
    #expect(await bed.verify(try bed.token(), trust: trust).isVerified)
    bed.clock.advance(60)
    #expect(bed.begin(try bed.token(), trust: trust).isReady)
  }

  @Test("a federation that comes back is asked again for tokens that were verified without it")
  func provisional() async throws {
    let bed = try IdentityTestBed()
    let trust = Trust.of(
      [.named("cluster-a", IdentityTestBed.url), .named("cluster-b", Self.urlB)],
      [.granting("cluster-a"), .granting("cluster-b")])
    bed.issuers.breakDown(Self.urlB)
    let token = try bed.token()
    #expect(try await bed.verify(token, trust: trust).get().federations == [.kubernetes("cluster-a")])
    bed.issuers.serve(Self.urlB, keys: [bed.key])
    // A token that only cluster-b can verify is what brings it back.
    let ownKey = try TestSigningKey(keyID: "b")
    bed.issuers.serve(Self.urlB, keys: [bed.key, ownKey])
    bed.clock.advance(31)
    #expect(await bed.verify(try ownKey.token(bed.claims()), trust: trust).isVerified)
    #expect(
      try await bed.verify(token, trust: trust).get().federations == [
        .kubernetes("cluster-a"), .kubernetes("cluster-b"),
      ])
  }

  @Test("D5: of two clusters with one issuer, only the one whose keys verified counts")
  func sharedIssuer() async throws {
    let bed = try IdentityTestBed()
    let keyB = try TestSigningKey()
    bed.issuers.serve(Self.urlB, keys: [keyB])
    let trust = Trust.of(
      [.named("cluster-a", IdentityTestBed.url), .named("cluster-b", Self.urlB)],
      [.granting("cluster-a"), .granting("cluster-b")])
    #expect(try await bed.verify(try bed.token(), trust: trust).get().federations == [.kubernetes("cluster-a")])
    let ofB = try await bed.verify(try keyB.token(bed.claims()), trust: trust).get()
    #expect(ofB.federations == [.kubernetes("cluster-b")])
  }

  @Test("D5: two federations of one cluster both count")
  func oneClusterTwice() async throws {
    let bed = try IdentityTestBed()
    bed.issuers.serve(Self.urlB, keys: [bed.key])
    let trust = Trust.of(
      [.named("cluster-a", IdentityTestBed.url), .named("alias", Self.urlB)],
      [.granting("cluster-a"), .granting("alias")])
    let identity = try await bed.verify(try bed.token(), trust: trust).get()
    #expect(identity.federations == [.kubernetes("cluster-a"), .kubernetes("alias")])
  }

  @Test("authenticates a subject that no Authorization names, so that it is told Not Found and not Unauthorized")
  func unnamedSubject() async throws {
    let bed = try IdentityTestBed()
    let identity = try await bed.verify(try bed.token(serviceAccount: "stranger")).get()
    #expect(identity.subject == "system:serviceaccount:apps:stranger")
  }

  @Test("ignores Authorizations for kinds and federations that are not there")
  func danglingReference() async throws {
    let bed = try IdentityTestBed()
    #expect(await bed.verify(try bed.token(), trust: .of([], [.granting("cluster-a")])).error == .unauthenticated)
    var okta = Authorization.granting("cluster-a")
    okta.federationRef.kind = "OktaFederation"
    let trust = Trust.of([.named("cluster-a", IdentityTestBed.url)], [okta], generation: 2)
    #expect(await bed.verify(try bed.token(), trust: trust).error == .unauthenticated)
    #expect(bed.issuers.requests.isEmpty)
  }

  @Test("D6: the token is sent only where the issuer asks for it and an Authorization of its subject names it")
  func tokenIsKeptBack() async throws {
    let bed = try IdentityTestBed()
    bed.issuers.serve(Self.urlB, keys: [])
    let trust = Trust.of(
      [.named("cluster-a", IdentityTestBed.url), .named("cluster-b", Self.urlB)],
      [.granting("cluster-a"), .granting("cluster-b", serviceAccount: "other")])
    let token = try bed.token()
    #expect(await bed.verify(token, trust: trust).isVerified)
    #expect(bed.issuers.requests.count == 2)
    #expect(bed.issuers.requests.allSatisfy { $0.authorization == nil })

    bed.clock.advance(601)
    bed.issuers.demand({ $0 == "Bearer \(token)" }, at: IdentityTestBed.url)
    bed.issuers.demand({ $0 == "Bearer \(token)" }, at: Self.urlB, status: 403)
    #expect(await bed.verify(try bed.token(serviceAccount: "stranger"), trust: trust).error == .unauthenticated)
    #expect(bed.issuers.requests.allSatisfy { $0.authorization == nil })
    // The verified token is known; another of the same subject has its keys fetched with itself.
    let again = try bed.token(lifetime: 1_000)
    bed.issuers.demand({ $0 == nil || $0 == "Bearer \(again)" }, at: IdentityTestBed.url)
    bed.issuers.serve(IdentityTestBed.url, keys: [bed.key])
    bed.issuers.demand({ $0 == "Bearer \(again)" }, at: IdentityTestBed.url)
    bed.clock.advance(10)
    #expect(await bed.verify(again, trust: trust).isVerified)
    let sent = bed.issuers.requests.filter { $0.authorization != nil }
    #expect(sent.count == 2)
    #expect(sent.allSatisfy { $0.url.hasPrefix(IdentityTestBed.url + "/") && $0.authorization == "Bearer \(again)" })
  }

  @Test("D6: nothing is ever asked over http")
  func neverPlaintext() async throws {
    let bed = try IdentityTestBed()
    let url = "http://cluster-a.test"
    bed.issuers.serve(url, keys: [bed.key])
    let trust = Trust.of([.named("cluster-a", url)], [.granting("cluster-a")])
    #expect(await bed.verify(try bed.token(), trust: trust).error == .unauthenticated)
    #expect(bed.issuers.requests.isEmpty)
  }

  @Test("D6: a forged token that the issuer refuses does not keep a good one from being tried")
  func refusedCredential() async throws {
    let bed = try IdentityTestBed()
    let good = try bed.token()
    bed.issuers.demand({ $0 == "Bearer \(good)" }, at: IdentityTestBed.url)
    let forged = TestToken.withBrokenSignature(good)
    bed.issuers.hold()
    let first = bed.begin(forged)
    let second = bed.begin(good)
    bed.issuers.release()
    #expect(await first.result().error == .unauthenticated)
    #expect(await second.result().isVerified)
  }

  @Test("the federation's own bundle wins over the caller's, and the caller's is used where there is none")
  func bundles() async throws {
    let bed = try IdentityTestBed()
    let callers = try TestCertificateAuthority(name: "Caller").certificatePEM
    let own = try TestCertificateAuthority(name: "Own").certificatePEM
    #expect(await bed.verify(try bed.token(), ca: callers).isVerified)
    #expect(bed.issuers.requests.allSatisfy { $0.caCertificates == callers })
    let count = bed.issuers.requests.count
    let trust = Trust.of(
      [.named("cluster-a", IdentityTestBed.url, caBundle: own)], [.granting("cluster-a")], generation: 2)
    #expect(await bed.verify(try bed.token(), ca: callers, trust: trust).isVerified)
    #expect(bed.issuers.requests.count == count + 2)
    #expect(bed.issuers.requests.dropFirst(count).allSatisfy { $0.caCertificates == own })
    #expect(bed.begin(try bed.token(lifetime: 50), ca: [], trust: trust).isReady)
  }

  @Test("a caller without ca.crt uses keys that are known, else the system's roots")
  func withoutBundle() async throws {
    let bed = try IdentityTestBed()
    #expect(await bed.verify(try bed.token()).isVerified)
    #expect(bed.issuers.requests.allSatisfy { $0.caCertificates == nil })
    let other = try IdentityTestBed()
    #expect(await other.verify(try other.token(), ca: try TestCertificateAuthority().certificatePEM).isVerified)
    #expect(await other.verify(try other.token(lifetime: 50)).isVerified)
    #expect(other.issuers.keySetRequests == 1)
  }
}
