import FederationAPI
import Resources
import Testing

@Suite struct IdentityKindTests {
  private static let uuid = "11111111-2222-4333-8444-555555555555"

  @Test("reads an OktaFederation; the server's ID is `default` unless it is empty on purpose")
  func okta() throws {
    let (manifests, messages) = try Example.load(
      "OktaFederation",
      "{domain: 'https://x.okta.com/', audiences: [a], managementAPI: {apiTokenSecretRef: {name: s, key: k}}}")
    let okta = try #require(manifests.oktaFederations.first)
    #expect(okta.domain == "https://x.okta.com")
    #expect(okta.keysURL == "https://x.okta.com/oauth2/default/v1/keys")
    #expect(okta.tokenIssuer == "https://x.okta.com/oauth2/default")
    #expect(okta.apiToken == SecretKeySelector(namespace: "external-secrets", name: "s", key: "k"))
    #expect(
      messages == [
        "4: no manifest defines Secret `external-secrets/s`; until one does, this OktaFederation cannot tell whether "
          + "identities are there"
      ])
    let org = try #require(
      try Example.load("OktaFederation", "{domain: 'https://x.okta.com', authorizationServerId: ''}")
        .manifests.oktaFederations.first)
    #expect(org.keysURL == "https://x.okta.com/oauth2/v1/keys")
    #expect(org.tokenIssuer == "https://x.okta.com")
  }

  @Test("reads a PingIdentityFederation of a region, or of a domain of its own")
  func pingIdentity() throws {
    let spec = "{region: eu, environmentId: \(Self.uuid), audiences: [a]}"
    let ping = try #require(
      try Example.load("PingIdentityFederation", spec).manifests.pingIdentityFederations.first)
    #expect(ping.tokenIssuer == "https://auth.pingone.eu/\(Self.uuid)/as")
    let own = "{region: eu, environmentId: \(Self.uuid), issuer: 'https://auth.example.org/as', audiences: [a]}"
    let other = try #require(
      try Example.load("PingIdentityFederation", own).manifests.pingIdentityFederations.first)
    #expect(other.tokenIssuer == "https://auth.example.org/as")
  }

  @Test("keeps the slash at the end of an OIDCFederation's issuer, which tokens have, too")
  func oidc() throws {
    let (manifests, messages) = try Example.load("OIDCFederation", "{issuer: 'https://x.auth0.com/', audiences: [a]}")
    #expect(manifests.oidcFederations.first?.issuer == "https://x.auth0.com/")
    #expect(messages.isEmpty)
  }

  @Test(
    "says what is wrong with a federation's manifest",
    arguments: [
      (
        "OktaFederation", "{}",
        "4: `spec.domain` is missing; write the URL of your Okta organisation, for example `domain: https://example.okta.com`"
      ),
      (
        "OktaFederation", "{domain: 'http://x', audiences: [a]}",
        "4: `spec.domain` must begin with `https://`; http would show tokens to the network"
      ),
      (
        "OktaFederation", "{domain: example.okta.com, audiences: [a]}",
        "4: `spec.domain` must begin with `https://`, for example `https://example.okta.com`"
      ),
      (
        "OktaFederation", "{domain: 'https://x', audiences: [a], authorizationServerId: 'a/b'}",
        "4: `spec.authorizationServerId` `a/b` is no ID; copy it from Okta's list of servers"
      ),
      (
        "OktaFederation", "{domain: 'https://x', audiences: [a], managementAPI: {}}",
        "4: `spec.managementAPI.apiTokenSecretRef` is missing; name an entry of a Secret, for example `apiTokenSecretRef: {name: example, key: token}`"
      ),
      (
        "PingIdentityFederation", "{region: us, environmentId: 11111111-2222-4333-8444-555555555555, audiences: [a]}",
        "4: `spec.region` cannot be `us`; write one of `com`, `eu`, `asia` and `ca`"
      ),
      (
        "PingIdentityFederation", "{environmentId: 11111111-2222-4333-8444-555555555555, audiences: [a]}",
        "4: `spec.region` is missing; write one of `com`, `eu`, `asia` and `ca`"
      ),
      (
        "PingIdentityFederation", "{region: eu, environmentId: main, audiences: [a]}",
        "4: `spec.environmentId` `main` is no UUID; copy it from the environment's properties"
      ),
      (
        "OIDCFederation", "{audiences: [a]}",
        "4: `spec.issuer` is missing; write the `iss` of the tokens, for example `issuer: https://token.actions.githubusercontent.com`"
      ),
      (
        "OIDCFederation", "{issuer: 'https://x?y', audiences: [a]}",
        "4: `spec.issuer` must have no query and no fragment; remove the text from `?` or `#` on"
      ),
      (
        "OIDCFederation", "{issuer: 'https://x', audience: [a]}",
        "4: unknown field `spec.audience`; did you mean `audiences`?"
      ),
    ])
  func faults(kind: String, spec: String, message: String) throws {
    let (manifests, messages) = try Example.load(kind, spec)
    #expect(messages.first == message)
    #expect(manifests.federations.isEmpty)
  }

  @Test("D16: warns of a federation of any kind without audiences")
  func audiences() throws {
    let messages = try Example.load("OIDCFederation", "{issuer: 'https://x'}").messages
    #expect(
      messages == [
        "4: OIDCFederation `it` has no `audiences`, so tokens made for any other service are accepted; list the audience "
          + "of this server's tokens in `spec.audiences`"
      ])
  }

  @Test("warns of an Authorization for an issuer that its federation does not make tokens of")
  func foreignIssuer() throws {
    let grant = """
      ---
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: Authorization
      metadata: {name: app}
      spec:
        federationRef: {kind: OktaFederation, name: it}
        subject: {oidc: {issuer: "https://x.okta.com", subject: app}}
        allowedClusterSecretStores: []

      """
    #expect(
      try Example.load("OktaFederation", "{domain: 'https://x.okta.com', audiences: [a]}", grant).messages == [
        "6: the tokens of OktaFederation `it` have the issuer `https://x.okta.com/oauth2/default` and not "
          + "`https://x.okta.com`; until both are the same, this grant has no effect"
      ])
    let org = "{domain: 'https://x.okta.com', authorizationServerId: '', audiences: [a]}"
    #expect(try Example.load("OktaFederation", org, grant).messages.isEmpty)
  }

  @Test("identity kinds of providers stand in the newer group alone")
  func group() throws {
    let messages = try Example.load("OIDCFederation", "{issuer: 'https://x'}", group: "").messages
    #expect(
      messages == [
        "1: `OIDCFederation` is not in `federation.external-secrets.io/v1alpha1`; write "
          + "`apiVersion: identity.federation.external-secrets.io/v1alpha1`"
      ])
  }
}
