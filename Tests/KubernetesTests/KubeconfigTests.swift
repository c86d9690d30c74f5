import FederationAPI
import Kubernetes
import TestSupport
import Testing

@Suite struct KubeconfigTests {
  private func file(
    cluster: String = "server: https://api.example:6443", user: String = "token: t0ken", context: String = ""
  ) throws -> (directory: TemporaryDirectory, path: String) {
    let directory = try TemporaryDirectory()
    let text = """
      apiVersion: v1
      kind: Config
      current-context: first
      clusters: [{name: c, cluster: {\(cluster)}}]
      users: [{name: u, user: {\(user)}}]
      contexts:
        - {name: first, context: {cluster: c, user: u\(context)}}
        - {name: second, context: {cluster: c, namespace: apps}}

      """
    return (directory, try directory.write(text, to: "config"))
  }

  private func fault(_ path: String, context: String? = nil) -> String? {
    do throws(ConfigurationFault) {
      _ = try KubernetesConfiguration.kubeconfig(path, context: context)
      return nil
    } catch { return error.description }
  }

  @Test("the current context counts, or the one that is asked for")
  func contexts() throws {
    let (directory, path) = try file()
    let first = try KubernetesConfiguration.kubeconfig(path)
    #expect(first.server == "https://api.example:6443" && first.namespace == "default")
    #expect(first.credentials == .token(SecretBytes("t0ken")) && first.caCertificates == nil)
    let second = try KubernetesConfiguration.kubeconfig(path, context: "second")
    #expect(second.namespace == "apps" && second.credentials == .none)
    #expect(fault(path, context: "third") == "\(path): there is no context third in `contexts`")
    withExtendedLifetime(directory) {}
  }

  @Test("certificates and keys come as base64 or from files beside the kubeconfig")
  func certificates() throws {
    let (directory, path) = try file(
      cluster: "server: https://api.example, certificate-authority-data: Y2E=",
      user: "client-certificate: client.crt, client-key-data: a2V5, tokenFile: token, token: other")
    try directory.write("certificate", to: "client.crt")
    let configuration = try KubernetesConfiguration.kubeconfig(path)
    #expect(configuration.caCertificates == Array("ca".utf8))
    #expect(configuration.clientCertificate?.certificates == Array("certificate".utf8))
    #expect(configuration.clientCertificate?.privateKey == Array("key".utf8))
    #expect(configuration.credentials == .tokenFile("\(directory.path)/token"))
  }

  @Test(
    "what is not done is refused by name, with what to do instead",
    arguments: ["exec: {command: x}", "auth-provider: {name: gcp}", "as: somebody", "as-groups: [admins]"])
  func refusedUsers(user: String) throws {
    let (directory, path) = try file(user: user)
    let field = try #require(user.split(separator: ":").first)
    #expect(fault(path)?.contains("user u has `\(field)`, which this program does not do; ") == true)
    withExtendedLifetime(directory) {}
  }

  @Test(
    "a cluster that would be trusted less than it should is refused",
    arguments: ["insecure-skip-tls-verify: true", "proxy-url: http://proxy", "tls-server-name: other"])
  func refusedClusters(cluster: String) throws {
    let (directory, path) = try file(cluster: "server: https://api.example, \(cluster)")
    #expect(fault(path)?.contains("which this program does not do") == true)
    withExtendedLifetime(directory) {}
  }

  @Test("plain HTTP, half a client certificate, and a file that is no kubeconfig are refused")
  func broken() throws {
    let plain = try file(cluster: "server: http://api.example")
    #expect(fault(plain.path)?.contains("must have a `server` that begins with https://") == true)
    let half = try file(user: "client-key-data: a2V5")
    #expect(fault(half.path)?.contains("needs both `client-certificate` and `client-key`") == true)
    let list = try half.directory.write("- one\n", to: "list")
    #expect(fault(list)?.contains("is no kubeconfig file") == true)
    #expect(fault("\(half.directory.path)/none") == "there is no kubeconfig file \(half.directory.path)/none")
  }
}
