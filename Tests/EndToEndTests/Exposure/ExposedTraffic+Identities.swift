import FederationAPI
import Foundation
import GRPC
import HTTPClient
import TTRPC
import TestSupport
import Testing
import Transport

extension ExposedTraffic {
  /// Calls of those whom Okta, PingOne, another issuer or a trust domain vouches for, on each wire.
  func askAsOthers(round: Int) async throws {
    for wire in ["ttrpc", "gRPC", "HTTP"] {
      for (method, token) in try federation.identities.tokens("round \(round) over \(wire)") {
        try await askAsOther(token, "\(wire), \(method)")
      }
      try await askBySVID(wire)
    }
  }

  private func askAsOther(_ token: String, _ name: String) async throws {
    let generator = ExposedFederation.generators[0]
    guard !name.hasPrefix("HTTP") else {
      let headers = [(name: "Authorization", value: "Bearer \(token)")]
      for store in ["app/secrets/plain"] + ExposedBackends.stores.map({ "\($0)/secrets/it" }) {
        #expect(try await post("/secretstore/\(store)", "{}", headers).status == 200, "\(store), \(name)")
      }
      let answer = try await post("/generators/apps/\(generator.kind)/it", "{}", headers)
      #expect(answer.status == 200)
      return note(answer.body, of: generator, over: name)
    }
    let all = try await clients()
    let client = try #require(all.first { name.hasPrefix($0.wire) }?.client)
    let credentials = FederationRPCClient.Credentials(token: token)
    for store in ExposedBackends.stores {
      _ = try await client.getSecret(GetSecretRequest(store: store, name: "it"), credentials: credentials)
    }
    // This credential stays.
    let values = try await client.generate(GenerateRequest(generator: generator), credentials: credentials)
    hidden.add("password of \(generator.kind) over \(name)", try #require(values["password"]).copied)
  }

  private func askBySVID(_ wire: String) async throws {
    let identities = federation.identities
    let svid = try identities.mesh.issueSVID(ExposedIdentities.id)
    let trusted = identities.mesh.certificatePEM
    guard wire != "HTTP" else {
      var request = HTTPRequest(
        method: "POST", url: "https://localhost:\(federation.spiffePort)/secretstore/app/secrets/plain",
        body: Array("{}".utf8), caCertificates: trusted, timeoutSeconds: 60)
      request.clientCertificate = ClientCertificate(certificates: svid.pem, privateKey: svid.keyPEM)
      #expect(try await http.send(request).status == 200)
      return
    }
    let alpn = wire == "ttrpc" ? TTRPCClient.alpn : GRPCClient.alpn
    let tls = try ClientTLS(
      caCertificates: trusted, certificate: .chain(svid.der, key: SecretBytes(svid.keyPEM)), alpn: [alpn])
    let target = DialTarget(
      host: "127.0.0.1", port: federation.spiffePort, serverName: "localhost", tls: tls, timeoutSeconds: 60)
    let client: FederationRPCClient =
      wire == "ttrpc"
      ? FederationRPCClient(client: try await TTRPCClient.connect(target, group: group))
      : FederationRPCClient(client: try await GRPCClient.connect(target, group: group))
    keep(client)
    try await ask(client, .init(), "\(wire), SVID")
  }
}
