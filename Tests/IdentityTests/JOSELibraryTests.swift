import FederationAPI
import JSON
import TestSupport
import Testing

@testable import Identity

/// Tokens that joserfc and jwcrypto made, with keys that they made.
@Suite(.timeLimit(.minutes(5))) struct JOSELibraryTests {
  private struct Made: Sendable {
    let name: String
    let token: String
  }

  private let bed: IdentityTestBed
  private let made: [Made]

  init() async throws {
    let bed = try IdentityTestBed()
    let claims = String(decoding: bed.claims().json.encoded(), as: UTF8.self)
    let peer = try await PythonPeer.start("Tests/JOSEPeer/tokens.py", [claims])
    guard await peer.wait() == .status(0) else { throw TestSupportError("tokens.py: \(peer.stderr.text)") }
    let lines = try peer.stdout.text.split(separator: "\n").map { try JSONValue.parse(Array($0.utf8)) }
    let keys = lines.compactMap { $0["key"] }
    bed.issuers.serve(keySetAt: IdentityTestBed.url, (["keys": .array(keys)] as JSONValue).encoded())
    self.bed = bed
    made = lines.map {
      Made(
        name: "\($0["library"]?.string ?? "") \($0["algorithm"]?.string ?? "")", token: $0["token"]?.string ?? "")
    }
  }

  @Test("D9: a token of every algorithm by every library verifies")
  func everyAlgorithm() async throws {
    #expect(made.count == 20)
    for each in made {
      let identity = await bed.verify(each.token)
      #expect(identity.isVerified, "\(each.name)")
    }
  }

  @Test("no token of 200 that were changed in one place verifies")
  func mutations() async throws {
    var generator = SplitMix(state: 6)
    var tried: Set<String> = []
    while tried.count < 200 {
      let original = made[tried.count % made.count]
      guard let mutated = Self.mutated(original.token, &generator), mutated != original.token,
        tried.insert(mutated).inserted
      else { continue }
      let answer = await bed.verify(mutated)
      #expect(answer.error == .unauthenticated, "\(original.name): \(mutated)")
    }
    // The originals are as good as before.
    for each in made { #expect(await bed.verify(each.token).isVerified, "\(each.name)") }
  }

  /// `token` with one character replaced, removed, doubled or swapped with its neighbour.
  private static func mutated(_ token: String, _ generator: inout SplitMix) -> String? {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/".utf8)
    var bytes = Array(token.utf8)
    let index = Int.random(in: 0..<bytes.count - 1, using: &generator)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: bytes.remove(at: index)
    case 1: bytes.insert(bytes[index], at: index)
    case 2: bytes.swapAt(index, index + 1)
    // The end, where a base64url character may hold bits that mean nothing.
    case 3: bytes[bytes.count - 1] = alphabet.randomElement(using: &generator) ?? 0
    default: bytes[index] = alphabet.randomElement(using: &generator) ?? 0
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The same mutations in each run.
  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
