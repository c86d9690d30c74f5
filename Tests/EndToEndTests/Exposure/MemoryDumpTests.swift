import TestSupport
import Testing

/// What whoever gets hold of the server's core, logs or error bodies learns of secrets.
@Suite(
  .timeLimit(.minutes(5)),
  .enabled(if: HiddenValues.maySearch, "a core of a process that cannot be dumped needs CAP_SYS_PTRACE"))
struct MemoryDumpTests {
  @Test("neither a core of the running server, nor its debug log, nor an error body holds a secret or a token")
  func server() async throws {
    let federation = try await ExposedFederation()
    let traffic = try ExposedTraffic(federation)
    try await traffic.ask(round: 1)
    try await federation.reload()
    try await traffic.ask(round: 2)
    try await traffic.beRefused()
    // What Okta's and PingOne's callers hold has the server look, once a minute, whether they are still there.
    try await federation.identities.waitForManagement()

    let found = try await federation.hidden.search(
      process: federation.process.pid, control: ExposedFederation.control, except: ExposedFederation.keptByLibrary)
    let made = try await federation.hidden.searchDefaultCore(
      of: federation.process.pid, control: ExposedFederation.control)
    #expect(made.isEmpty, "a core that nobody has asked for all of has no memory in it")
    print("searched a core for \(federation.hidden.count) secrets and tokens, \(traffic.refusals.count) refusals")
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    for said in traffic.refusals { #expect(federation.hidden.names(in: said).isEmpty, "\(said)") }
    #expect(traffic.refusals.count > 40)
    await traffic.stop()
    await federation.stop()
    #expect(federation.hidden.names(in: federation.process.stderr.text).isEmpty)
    #expect(federation.process.stderr.text.contains("\"level\":\"debug\""))
  }
}
