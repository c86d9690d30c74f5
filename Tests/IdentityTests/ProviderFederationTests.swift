import FederationAPI
import HTTPClient
import Identity
import JSON
import Logging
import Policy
import Resources
import TestSupport
import Testing

/// Okta, PingOne and other issuers, over real HTTPS on loopback.
@Suite(.timeLimit(.minutes(1))) struct ProviderFederationTests {
  private static let environment = "11111111-2222-4333-8444-555555555555"
  private static let here = SourceLocation(file: "t.yaml", line: 1)

  /// One federation over one authorization server, with an Authorization for `app`.
  private struct Bed {
    let server: AuthorizationServer
    let authenticator: Authenticator
    let trust: Trust

    init(_ server: AuthorizationServer, _ federations: [Federation], issuer: String? = nil) throws {
      self.server = server
      authenticator = Authenticator(client: try HTTPClient(log: Log(level: .error)), log: Log(level: .error))
      let grants = federations.map { federation in
        Authorization(
          name: "app", federationRef: federation.reference,
          subject: .oidc(issuer: issuer ?? server.endpoints.issuer, subject: "app"),
          allowedClusterSecretStores: ["store"], location: here)
      }
      trust = Trust(
        generation: 1, federations: Dictionary(uniqueKeysWithValues: federations.map { ($0.reference, $0) }),
        policy: PolicyIndex(authorizations: grants))
    }

    func verify(_ token: String, ca: [UInt8] = []) async -> Result<VerifiedIdentity, RPCError> {
      let call = CallContext(authorization: "Bearer \(token)", peer: "127.0.0.1:1")
      return await authenticator.verify(call, caCertificates: ca, trust: trust).result()
    }
  }

  private static func okta(_ server: AuthorizationServer, id: String, audiences: [String]? = nil) -> Federation {
    .okta(
      OktaFederation(
        name: "okta", domain: server.url, authorizationServerID: id, audiences: audiences,
        caBundle: server.caCertificates, location: here))
  }

  private static func ping(_ server: AuthorizationServer) -> Federation {
    .pingIdentity(
      PingIdentityFederation(
        name: "ping", region: .eu, environmentID: environment, issuer: server.endpoints.issuer,
        caBundle: server.caCertificates, location: here))
  }

  private static func oidc(_ server: AuthorizationServer) -> Federation {
    .oidc(
      OIDCFederation(
        name: "oidc", issuer: server.endpoints.issuer, caBundle: server.caCertificates, location: here))
  }

  @Test("D16: an Okta token verifies against the keys of its authorization server", arguments: ["", "default", "aus1"])
  func oktaServers(id: String) async throws {
    let bed = try Bed(AuthorizationServer(.okta(serverID: id)), [])
    let own = try Bed(bed.server, [Self.okta(bed.server, id: id)])
    let identity = try await own.verify(try bed.server.token(subject: "app")).get()
    #expect(identity.method == .okta)
    #expect(identity.provider == bed.server.endpoints.issuer)
    #expect(identity.subject == "app")
    #expect(identity.kubernetes == nil)
    let path = ["": "/oauth2/v1/keys", "default": "/oauth2/default/v1/keys", "aus1": "/oauth2/aus1/v1/keys"][id]
    #expect(bed.server.requests.map(\.path) == [path])
    #expect(bed.server.requests.allSatisfy { $0.authorization == nil })
  }

  @Test("a PingOne token without sub speaks for its client_id, and its keys are where discovery says")
  func pingOne() async throws {
    let server = try AuthorizationServer(.pingIdentity(environmentID: Self.environment))
    let bed = try Bed(server, [Self.ping(server)])
    let identity = try await bed.verify(try server.token(subject: "app")).get()
    #expect(identity.method == .pingidentity)
    #expect(identity.subject == "app")
    let named = try await bed.verify(try server.token(subject: "app", overrides: ["sub": "somebody"])).get()
    #expect(named.subject == "somebody")
    #expect(server.requests.count == 2)
    #expect(server.requests.allSatisfy { $0.authorization == nil })
  }

  @Test("client_id stands for sub in PingOne's tokens alone", arguments: [true, false])
  func clientIDElsewhere(isOkta: Bool) async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    // Both kinds over the same server, which publishes discovery too.
    let bed = try Bed(server, [isOkta ? Self.okta(server, id: "default") : Self.oidc(server)])
    let token = try server.token(subject: "app", overrides: ["sub": nil, "client_id": "app"])
    #expect(await bed.verify(token).error == .unauthenticated)
    #expect(await bed.verify(try server.token(subject: "app", overrides: ["sub": 5])).error == .unauthenticated)
  }

  @Test("an issuer of any other make is known by its discovery document")
  func otherIssuer() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    let bed = try Bed(server, [Self.oidc(server)])
    let identity = try await bed.verify(try server.token(subject: "app")).get()
    #expect(identity.method == .oidc)
    #expect(identity.federations == [FederationReference(kind: "OIDCFederation", name: "oidc")])
  }

  @Test("a discovery document that names another issuer gives no keys")
  func foreignDiscovery() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    server.claimIssuer("https://other.example")
    let bed = try Bed(server, [Self.oidc(server)])
    #expect(await bed.verify(try server.token(subject: "app")).error == .unauthenticated)
    #expect(server.requests.count == 1)
  }

  @Test("a claim kubernetes.io counts only in a cluster's token")
  func noWorkload() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    let claim: JSONValue = ["namespace": "apps", "serviceaccount": ["name": "app", "uid": "u"]]
    for federation in [Self.okta(server, id: "default"), Self.oidc(server)] {
      let bed = try Bed(server, [federation])
      let token = try server.token(subject: "app", overrides: ["kubernetes.io": claim])
      let identity = try await bed.verify(token).get()
      #expect(identity.kubernetes == nil)
      #expect(!identity.hasIncompleteWorkload)
    }
  }

  @Test("D7: the method is that of the federation, whatever the order of Authorizations")
  func oneMethod() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    let both = [Self.okta(server, id: "default"), Self.oidc(server)]
    for federations in [both, both.reversed()] {
      let identity = try await Bed(server, federations).verify(try server.token(subject: "app")).get()
      #expect(identity.method == .oidc)
      #expect(identity.federations.count == 2)
    }
  }

  @Test("an Authorization for an issuer that its federation does not vouch for has no effect")
  func foreignIssuer() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    for federation in [Self.okta(server, id: "default"), Self.oidc(server)] {
      let bed = try Bed(server, [federation], issuer: "https://elsewhere.example")
      let token = try server.token(subject: "app", overrides: ["iss": "https://elsewhere.example"])
      #expect(await bed.verify(token).error == .unauthenticated)
    }
    #expect(server.requests.isEmpty)
  }

  @Test("D3: one federation's keys never verify another's token")
  func keysAreApart() async throws {
    let okta = try AuthorizationServer(.okta(serverID: "default"))
    let ping = try AuthorizationServer(.pingIdentity(environmentID: Self.environment), authority: okta.server.authority)
    let bed = try Bed(okta, [Self.okta(okta, id: "default"), Self.ping(ping)])
    // A token of Okta's issuer under PingOne's key, both of one key ID.
    let forged = try ping.token(subject: "app", overrides: ["iss": .string(okta.endpoints.issuer), "sub": "app"])
    #expect(await bed.verify(forged).error == .unauthenticated)
    #expect(await bed.verify(try okta.token(subject: "app")).isVerified)
    #expect(ping.requests.isEmpty)
  }

  @Test("the caller's ca.crt does not serve to reach Okta")
  func callersBundle() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    let federation = Federation.okta(OktaFederation(name: "okta", domain: server.url, location: Self.here))
    let bed = try Bed(server, [federation])
    #expect(await bed.verify(try server.token(subject: "app"), ca: server.caCertificates).error == .unauthenticated)
    #expect(server.requests.isEmpty)
  }

  @Test("D16: an Okta token for another audience is refused, and one without exp")
  func audienceAndExpiry() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    let bed = try Bed(server, [Self.okta(server, id: "default", audiences: ["ese-federation"])])
    #expect(await bed.verify(try server.token(subject: "app")).isVerified)
    for overrides: [JSONName: JSONValue?] in [["aud": "other"], ["aud": nil], ["exp": nil], ["exp": 1]] {
      #expect(await bed.verify(try server.token(subject: "app", overrides: overrides)).error == .unauthenticated)
    }
  }

  @Test("D16: new keys of Okta are fetched when a token names an unknown one")
  func rotation() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    var settings = AuthenticatorSettings()
    settings.unknownKeyRefreshSeconds = 0
    let federation = Self.okta(server, id: "default")
    let bed = try Bed(server, [federation])
    let authenticator = Authenticator(
      client: try HTTPClient(log: Log(level: .error)), settings: settings, log: Log(level: .error))
    func verify(_ token: String) async -> Result<VerifiedIdentity, RPCError> {
      let call = CallContext(authorization: "Bearer \(token)", peer: "127.0.0.1:1")
      return await authenticator.verify(call, caCertificates: [], trust: bed.trust).result()
    }
    #expect(await verify(try server.token(subject: "app")).isVerified)
    server.rotate(to: try TestSigningKey(keyID: "key-2"))
    #expect(await verify(try server.token(subject: "app")).isVerified)
    #expect(server.requests.count == 2)
  }

  @Test("a cluster with a pinned issuer vouches for no other")
  func pinnedIssuer() async throws {
    let bed = try IdentityTestBed()
    var federation = KubernetesFederation.named("cluster-a", IdentityTestBed.url)
    federation.issuer = "https://pinned.example"
    let grants = [Authorization.granting("cluster-a"), .granting("cluster-a", issuer: "https://pinned.example")]
    let trust = Trust.of([federation], grants)
    #expect(await bed.verify(try bed.token(), trust: trust).error == .unauthenticated)
    #expect(bed.issuers.requests.isEmpty)
    let pinned = try bed.key.token(bed.claims(issuer: "https://pinned.example"))
    #expect(await bed.verify(pinned, trust: trust).isVerified)
  }
}
