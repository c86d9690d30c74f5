import Testing

@testable import FederationClient

@Suite struct EnvironmentVariableNameTests {
  @Test(
    "letters are raised and all but letters and digits become underscores",
    arguments: [
      ("database-url", "DATABASE_URL"), ("tls.crt", "TLS_CRT"), ("a/b c", "A_B_C"), ("Mixed9", "MIXED9"),
      ("straße", "STRA_E"), ("", ""), ("ALREADY_OK", "ALREADY_OK"),
    ])
  func nameRule(key: String, name: String) {
    #expect(EnvironmentVariableName.derived(from: key) == name)
  }
}
