import FederationAPI
import Foundation
import JSON
import TestSupport
import Testing

@testable import Providers

@Suite struct AWSSignatureTests {
  /// The keys of AWS's own examples.
  private static func credentials(sessionToken: String? = nil) throws -> AWSCredentials {
    try #require(
      AWSCredentials(
        accessKeyID: SecretBytes("AKIDEXAMPLE"),
        secretAccessKey: SecretBytes("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        sessionToken: sessionToken.map { SecretBytes($0) }))
  }

  /// 2015-08-30T12:36:00Z, the time of AWS's test suite.
  private static let time: Int64 = 1_440_938_160

  @Test("the signing key is that of AWS's documented example")
  func signingKey() throws {
    let signature = AWSSignature(service: "iam", region: "us-east-1", credentials: try Self.credentials())
    let key = try signature.key(date: "20120215").copied.map { String(format: "%02x", $0) }.joined()
    #expect(key == "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d")
  }

  @Test(
    "requests of AWS's test suite are signed as it says",
    arguments: [
      ([], "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
      (
        [("Content-Type", "application/x-www-form-urlencoded")], "Param1=value1", "content-type;host;x-amz-date",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
      ),
      (
        [("My-Header1", "value1")], "", "host;my-header1;x-amz-date",
        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"
      ),
    ] as [([(String, String)], String, String, String)])
  func suite(_ headers: [(String, String)], _ body: String, _ names: String, _ expected: String) throws {
    let signature = AWSSignature(service: "service", region: "us-east-1", credentials: try Self.credentials())
    let sent = try signature.headers(
      signing: headers.map { (name: $0.0, value: $0.1) }, host: "example.amazonaws.com", body: Array(body.utf8),
      atSeconds: Self.time)
    #expect(
      sent.last?.value
        == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=\(names), "
        + "Signature=\(expected)")
    #expect(sent.contains { $0.name == "X-Amz-Date" && $0.value == "20150830T123600Z" })
  }

  @Test("AWS's own library signs the same requests alike")
  func botocore() async throws {
    let requests: [JSONValue] = [
      ["service": "secretsmanager", "region": "eu-west-1", "host": "127.0.0.1:4566", "body": "{\"SecretId\":\"ü/ñ\"}"],
      [
        "service": "ssm", "region": "cn-north-1", "host": "ssm.cn-north-1.amazonaws.com.cn", "body": "{}",
        "token": "FwoGZXIvYXdzEBYaD+/=",
      ],
      ["service": "sts", "region": "us-gov-west-1", "host": "sts.us-gov-west-1.amazonaws.com", "body": "a=b&c=%2F"],
    ]
    for request in requests {
      let text = { (name: String) in request[name]?.string ?? "" }
      let argument = String(decoding: request.encoded(), as: UTF8.self)
      let theirs = try #require(try await PythonPeer.run("Tests/AWSServer/sign.py", [argument]).first)
      let signature = AWSSignature(
        service: text("service"), region: text("region"),
        credentials: try Self.credentials(sessionToken: request["token"]?.string))
      let date = try #require(theirs["seconds"]?.integer)
      let ours = try signature.headers(
        signing: [(name: "Content-Type", value: "application/x-amz-json-1.1")], host: text("host"),
        body: Array(text("body").utf8), atSeconds: date)
      #expect(ours.last?.value == theirs["authorization"]?.string)
    }
  }
}
