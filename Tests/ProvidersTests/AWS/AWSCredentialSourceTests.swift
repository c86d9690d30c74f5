import FederationAPI
import Foundation
import JSON
import Resources
import TestSupport
import Testing

@testable import Providers

@Suite struct AWSCredentialSourceTests {
  private static func server(_ value: String = "hunter2") async throws -> AWSServer {
    let server = try await AWSServer()
    try await server.write("CreateSecret", ["Name": "a", "SecretString": .string(value)])
    return server
  }

  @Test("a role is assumed with the keys of who may not read itself, and its session's token is good")
  func assumedRole() async throws {
    let server = try await Self.server()
    let role = AWSStoreSpec.Role(
      arn: server.role, externalID: "customer-7", sessionTags: [.init(key: "team", value: "a b")],
      transitiveTagKeys: ["team"])
    let nobody = server.keys("nobody")
    #expect(try await server.provider(with: nobody, roles: [role]).text("a").text == "hunter2")
    let wrong = AWSServer.Keys(id: nobody.id, key: "wrong")
    #expect(
      await server.provider(with: wrong, roles: [role]).failure("a")
        == .denied(reason: "AWS answered SignatureDoesNotMatch"))
  }

  @Test("a web identity token is read from its file and shown to STS, unsigned; a wrong one is denied")
  func webIdentity() async throws {
    let server = try await Self.server()
    let directory = try TemporaryDirectory()
    let good = try directory.write("good.web.token\n", to: "good")
    let bad = try directory.write("bad.web.token", to: "bad")
    func provider(_ file: String) -> any Provider {
      server.provider(by: .webIdentity(role: server.role, token: .file(file)))
    }
    #expect(try await provider(good).text("a").text == "hunter2")
    #expect(await provider(bad).failure("a") == .denied(reason: "AWS answered InvalidIdentityToken"))
    guard case .misconfigured = await provider(directory.path + "/none").failure("a") else {
      Issue.record("a missing token file is no misconfiguration")
      return
    }
  }

  @Test("without `auth`, keys, a web identity and a profile are looked for where AWS's programs do")
  func environment() async throws {
    let server = try await Self.server()
    let keys = server.keys("reader")
    let directory = try TemporaryDirectory()
    let token = try directory.write("good.web.token", to: "token")
    let profiles = try directory.write(
      "[default]\naws_access_key_id=x\naws_secret_access_key=y\n[other]\naws_access_key_id=\(keys.id)\n"
        + "aws_secret_access_key=\(keys.key)\n", to: "credentials")
    let environments = [
      ["AWS_ACCESS_KEY_ID": keys.id, "AWS_SECRET_ACCESS_KEY": keys.key, "AWS_PROFILE": "default"],
      ["AWS_ROLE_ARN": server.role, "AWS_WEB_IDENTITY_TOKEN_FILE": token],
      ["AWS_SHARED_CREDENTIALS_FILE": profiles, "AWS_PROFILE": "other"],
    ]
    for environment in environments {
      #expect(try await server.provider(by: .environment, environment: environment).text("a").text == "hunter2")
    }
    #expect(
      await server.provider(by: .environment, environment: ["AWS_SHARED_CREDENTIALS_FILE": profiles]).failure("a")
        == .denied(reason: "AWS answered InvalidClientTokenId"))
    guard case .misconfigured(let reason) = await server.provider(by: .environment).failure("a") else {
      Issue.record("no credentials are no misconfiguration")
      return
    }
    #expect(reason.contains("auth.secretRef"))
  }

  @Test("a profile is read by its name, as AWS writes it; what refers elsewhere is refused without its values")
  func profile() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write(
      """
      # keys
      [ a ]
      AWS_Access_Key_ID = AKIDA
      aws_secret_access_key=a+/=b
      ; comment
      [b]
      aws_access_key_id = AKIDB
      aws_secret_access_key = hunter2
      aws_session_token = t/+=
      [c]
      role_arn = hunter2
      """, to: "credentials")
    let a = try AWSProfile.credentials("a", file: file)
    #expect(a.accessKeyID == "AKIDA" && a.secretAccessKey.text == "a+/=b" && a.sessionToken == nil)
    let b = try AWSProfile.credentials("b", file: file)
    #expect(b.accessKeyID == "AKIDB" && b.sessionToken?.text == "t/+=")
    for (name, file) in [("c", file), ("d", file), ("a", directory.path + "/none")] {
      do throws(BackendError) {
        _ = try AWSProfile.credentials(name, file: file)
        Issue.record("\(name) is no profile")
      } catch {
        guard case .misconfigured(let reason) = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(!reason.contains("hunter2"))
      }
    }
  }

  @Test("keys with a line break cannot be sent, and are called misconfigured")
  func unsendableKeys() async throws {
    let server = try await AWSServer()
    let keys = server.keys("reader")
    let broken = AWSServer.Keys(id: keys.id, key: keys.key + "\n")
    guard case .misconfigured = await server.provider(with: broken).failure("a") else {
      Issue.record("a key with a line break is no misconfiguration")
      return
    }
  }
}
