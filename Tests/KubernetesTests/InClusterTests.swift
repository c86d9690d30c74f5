import HTTPClient
import Kubernetes
import Logging
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct InClusterTests {
  @Test("a Pod's environment and mounted files are enough, and a rotated token is read at the next request")
  func rotation() async throws {
    let server = try await KubernetesAPIServer()
    let directory = try TemporaryDirectory()
    try directory.write(server.authority.certificatePEM, to: "ca.crt")
    try directory.write("apps\n", to: "namespace")
    try directory.write("old\n", to: "token")
    let port = try #require(server.url.split(separator: ":").last)
    let configuration = try KubernetesConfiguration.inCluster(
      environment: ["KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": String(port)],
      directory: directory.path)
    #expect(configuration.namespace == "apps" && configuration.server == server.url)
    let client = try KubernetesClient(configuration, http: HTTPClient(log: Log(level: .error)))
    await #expect(throws: KubernetesError.self) { _ = try await client.page(of: .secrets) }
    try directory.write(server.token, to: "token")
    #expect(try await client.page(of: .secrets).objects.isEmpty)
  }

  @Test("an IPv6 address of the API is put in brackets")
  func brackets() throws {
    let directory = try TemporaryDirectory()
    for name in ["ca.crt", "token"] { try directory.write("x", to: name) }
    let configuration = try KubernetesConfiguration.inCluster(
      environment: ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"], directory: directory.path)
    #expect(configuration.server == "https://[fd00::1]:443" && configuration.namespace == "default")
  }

  @Test("a Pod that mounts no token is told what to change")
  func noToken() throws {
    let directory = try TemporaryDirectory()
    try directory.write("x", to: "ca.crt")
    do throws(ConfigurationFault) {
      _ = try KubernetesConfiguration.inCluster(
        environment: ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"],
        directory: directory.path)
      Issue.record("no fault")
    } catch {
      #expect(error.description.contains("automountServiceAccountToken"))
    }
  }
}
