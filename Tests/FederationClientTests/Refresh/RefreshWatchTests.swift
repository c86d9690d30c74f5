import FederationAPI
import Testing

@testable import FederationClient

/// Which changes a daemon refreshes for.
@Suite struct RefreshWatchTests {
  private let name = SecretName(store: "app", key: "a")

  private func change(_ outcome: Result<SecretBytes, RPCError>) -> SecretChange {
    SecretChange(secret: SecretReference(store: "app", key: "a"), outcome: outcome)
  }

  @Test("a value that the last refresh found is no news; another is, and so is one that could not be read meanwhile")
  func news() throws {
    let server = try ServerAddress(parsing: "https://fed")
    let client = try FederationClient(configuration: FederationClientConfiguration(server: server))
    let watch = RefreshWatch([name], client: client, bell: RefreshBell())
    watch.found([name: SecretBytes("one")])
    #expect(!watch.isNews(change(.success(SecretBytes("one")))))
    #expect(watch.isNews(change(.success(SecretBytes("two")))))
    watch.found([name: SecretBytes("two")])
    #expect(!watch.isNews(change(.success(SecretBytes("two")))))
    #expect(!watch.isNews(change(.failure(RPCError(.notFound, "gone")))))
    #expect(watch.isNews(change(.success(SecretBytes("two")))))
  }
}
