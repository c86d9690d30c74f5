import FederationAPI
import Testing
import WorkloadAPI

@Suite struct WorkloadAPIAddressTests {
  @Test("a socket's path, alone or as a unix: URI")
  func forms() throws {
    for text in ["unix:///run/agent.sock", "unix:/run/agent.sock", "/run/agent.sock"] {
      let address = try WorkloadAPIAddress(parsing: text)
      #expect(address.path == "/run/agent.sock", "\(text)")
      #expect(address.description == "unix:///run/agent.sock")
    }
  }

  @Test(
    "what names no socket is refused",
    arguments: [
      "", "unix:", "unix://", "unix:///", "unix:agent.sock", "unix://host/agent.sock", "agent.sock",
      "tcp://127.0.0.1:8081",
      "https://agent", "unix:///run/agent.sock?x", "unix:///run/agent.sock#x", "/" + String(repeating: "x", count: 107),
    ])
  func refused(text: String) throws {
    let error = try #require(throws: RPCError.self) { try WorkloadAPIAddress(parsing: text) }
    #expect(error.code == .invalidArgument)
    #expect(error.message.contains("unix:///PATH"))
  }
}
