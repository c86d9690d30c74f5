import Crypto
import FederationAPI
import Glibc
import JSON
import Logging
import TestSupport
import Testing
import WorkloadAPI

/// Against a Workload API on grpcio, which py-spiffe, the SPIFFE project's own client, takes for one.
@Suite(.timeLimit(.minutes(5))) struct WorkloadAPISourceTests {
  private static let id = "spiffe://example.org/app"
  private let authority: TestCertificateAuthority
  private let other: TestCertificateAuthority

  init() throws {
    authority = try TestCertificateAuthority(name: "Example")
    other = try TestCertificateAuthority(name: "Other")
  }

  private func answer(
    _ svid: TestCertificateAuthority.IssuedSVID, id: String = id
  ) throws -> WorkloadAPIAgent.Answer {
    let federated = ["spiffe://other.org": try other.certificateDER, "spiffe://broken.org": [0x30, 0x00]]
    return .svids([(id, svid, try authority.certificateDER)], federated: federated)
  }

  private func source(_ socket: String, for role: SVIDRole = .client) throws -> WorkloadAPISource {
    try WorkloadAPISource(
      try WorkloadAPIAddress(parsing: socket), for: role, pauses: .init(first: 0.01, longest: 0.05),
      log: Log(level: .error))
  }

  /// The first state of `feed` that `isWanted` takes.
  private func state(
    of feed: SPIFFEFeed, where isWanted: (SPIFFEMaterial?, String?) -> Bool
  ) async -> (material: SPIFFEMaterial?, failure: String?) {
    for await _ in feed.changes() {
      let (material, failure) = (feed.latest, feed.failure)
      if isWanted(material, failure) { return (material, failure) }
    }
    return (nil, nil)
  }

  @Test("gives the SVID, its bundle and those of federated trust domains, and what is pushed afterwards")
  func pushes() async throws {
    let first = try authority.issueSVID(Self.id)
    let agent = try await WorkloadAPIAgent(try answer(first))
    let source = try source("unix://" + agent.socket)
    let material = try await source.current(waiting: 120)
    #expect(material.svid.id == Self.id)
    #expect(material.svid.certificates == first.der)
    // What cannot be read takes nothing else down.
    #expect(Set(material.bundles.keys) == ["example.org", "other.org"])
    let peer = try other.issueSVID("spiffe://other.org/server")
    #expect(
      try material.verify(peer.der, as: .server, atSeconds: WallClock.nowSeconds).id == "spiffe://other.org/server")

    let second = try authority.issueSVID(Self.id)
    try agent.push(try answer(second))
    let pushed = await state(of: source.feed) { material, _ in material?.svid.certificates == second.der }
    #expect(pushed.material?.svid.id == Self.id)
    source.close()
  }

  @Test("an agent that goes away leaves what it gave, and is found again when it is back")
  func returns() async throws {
    let first = try authority.issueSVID(Self.id)
    let directory = try TemporaryDirectory()
    let socket = directory.path + "/agent.sock"
    let agent = try await WorkloadAPIAgent(try answer(first), at: socket)
    let source = try source(socket)
    _ = try await source.current(waiting: 120)
    agent.child.signal(SIGKILL)
    let lost = await state(of: source.feed) { $1 != nil }
    #expect(lost.material?.svid.certificates == first.der)
    #expect(lost.failure?.contains(socket) == true)

    let second = try authority.issueSVID(Self.id)
    let back = try await WorkloadAPIAgent(try answer(second), at: socket)
    let found = await state(of: source.feed) { material, _ in material?.svid.certificates == second.der }
    #expect(found.failure == nil)
    source.close()
    withExtendedLifetime(back) {}
  }

  @Test("no identity, no agent and no usable SVID are told apart")
  func refusals() async throws {
    let agent = try await WorkloadAPIAgent(.refusal("PERMISSION_DENIED"))
    let denied = try source(agent.socket)
    let failure = await state(of: denied.feed) { $1 != nil }.failure
    #expect(failure?.contains("no identity for this workload: register it") == true, "\(failure ?? "")")
    // Registered a moment later.
    let svid = try authority.issueSVID(Self.id)
    try agent.push(try answer(svid))
    #expect(try await denied.current(waiting: 120).svid.certificates == svid.der)

    var fields = TestCertificateAuthority.SVIDFields(Self.id)
    fields.extendedKeyUsage = "serverAuth"
    try agent.push(try answer(try authority.issueSVID(fields)))
    let unfit = try source(agent.socket)
    let reason = await state(of: unfit.feed) { $1 != nil }.failure
    #expect(reason?.contains("clientAuth") == true, "\(reason ?? "")")

    let nobody = try source("/nowhere/agent.sock")
    let error = try #require(await failureOf { _ = try await nobody.current(waiting: 0.2) })
    #expect(error.code == .unavailable)
    #expect(error.message.contains("/nowhere/agent.sock"))
    for source in [denied, unfit, nobody] { source.close() }
  }

  @Test("the stand-in is a Workload API to the SPIFFE project's own client")
  func peer() async throws {
    let svid = try authority.issueSVID(Self.id)
    let agent = try await WorkloadAPIAgent(
      .svids(
        [(Self.id, svid, try authority.certificateDER)], federated: ["spiffe://other.org": try other.certificateDER]))
    let said = try #require(try await PythonPeer.run("Tests/WorkloadAPIPeer/client.py", [agent.socket]).first?.object)
    #expect(said["id"]?.string == Self.id)
    #expect(said["certificates"]?.array?.compactMap(\.string) == svid.der.map(Hexadecimal.encode))
    let bundles = try #require(said["bundles"]?.object)
    #expect(bundles["other.org"]?.array?.first?.string == Hexadecimal.encode(try other.certificateDER))
    #expect(bundles.count == 2)
  }

  private func failureOf(_ body: () async throws -> Void) async -> RPCError? {
    do { try await body() } catch { return error as? RPCError }
    return nil
  }
}
