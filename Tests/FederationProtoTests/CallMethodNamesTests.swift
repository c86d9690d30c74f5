import FederationAPI
import FederationProto
import Testing

@Suite struct CallMethodNamesTests {
  private func counted(_ service: String, _ method: String) -> CallMethod {
    CallMethod(service: service.utf8.span.bytes, method: method.utf8.span.bytes)
  }

  @Test("each RPC is counted under its own name, and what is none under other")
  func names() {
    for method in FederationMethod.allCases {
      let counted = counted(FederationMethod.service, method.rawValue)
      #expect(counted.name == method.rawValue)
    }
    for (service, method) in [
      (FederationMethod.service, "getSecret"), (FederationMethod.service, ""), (FederationMethod.service, "Health"),
      ("federation.v2.FederationService", "GetSecret"), ("", "GetSecret"),
    ] {
      let counted = counted(service, method)
      #expect(counted == .other)
    }
  }
}
