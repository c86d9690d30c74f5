import Foundation
import Glibc
import Resources
import Testing
import YAML

@Suite struct ManifestFilesTests {
  private func names(_ directory: ManifestDirectory) -> [String] {
    directory.load().manifests.clusterSecretStores.map(\.name)
  }

  private func store(_ name: String) -> String { Example.varied(Example.store, "vault-a", name) }

  @Test("files are read in the order of their names, directories among them, other and hidden files not at all")
  func order() throws {
    let directory = try ManifestDirectory([
      "b.yaml": store("b"),
      "a/z.json": #"{"apiVersion":"external-secrets.io/v1","kind":"ClusterSecretStore","#
        + #""metadata":{"name":"a-z"},"spec":{"provider":{"local":{}}}}"#,
      "a/B.yml": store("a-b"), "c.yaml": store("c"), ".hidden.yaml": "broken: [", ".git/x.yaml": "broken: [",
      "README.md": "broken: [", "c.yaml~": "broken: [", "#c.yaml#": "broken: [",
    ])
    #expect(directory.printed() == [])
    #expect(names(directory) == ["a-b", "a-z", "b", "c"])
  }

  @Test("a mounted ConfigMap is read once, through its links")
  func configMap() throws {
    let directory = try ManifestDirectory([
      "..2024_05_01_10_00_00.1/a.yaml": store("a"), "..2024_05_01_10_00_00.1/sub/b.yaml": store("b"),
    ])
    try directory.link("..data", to: "..2024_05_01_10_00_00.1")
    try directory.link("a.yaml", to: "..data/a.yaml")
    try directory.link("sub", to: "..data/sub")
    #expect(directory.printed() == [])
    #expect(names(directory) == ["a", "b"])
    #expect(
      directory.load().manifests.clusterSecretStores.map(\.location.file)
        == [directory.path + "/a.yaml", directory.path + "/sub/b.yaml"])
  }

  @Test("a file that several links lead to is read once, and a link that leads up ends")
  func links() throws {
    let directory = try ManifestDirectory(["a/one.yaml": store("one")])
    try directory.link("b.yaml", to: "a/one.yaml")
    try directory.link("a/up", to: "..")
    #expect(Glibc.link(directory.path + "/a/one.yaml", directory.path + "/a/two.yaml") == 0)
    #expect(directory.printed() == [])
    #expect(names(directory) == ["one"])
  }

  @Test("a link to nothing and a pipe are errors that name the file, and nothing waits for the pipe")
  func notFiles() throws {
    let directory = try ManifestDirectory(["a.yaml": store("a")])
    try directory.link("b.yaml", to: "nowhere.yaml")
    #expect(mkfifo(directory.path + "/c.yaml", 0o600) == 0)
    let advice = "is no file that can be read; remove it, or repair the link"
    #expect(directory.printed() == ["b.yaml: \(advice)", "c.yaml: \(advice)"])
    #expect(names(directory) == ["a"])
  }

  @Test("a file over the limit is refused, one of exactly the limit is read")
  func size() throws {
    var limits = YAMLLimits()
    limits.bytes = 1 << 20
    let comment = "# " + String(repeating: "x", count: limits.bytes - store("a").utf8.count - 3) + "\n"
    let directory = try ManifestDirectory(["a.yaml": store("a") + comment])
    let exact = ManifestLoader.load(directory: directory.path, limits: limits)
    #expect(exact.diagnostics == [])
    #expect(exact.manifests.clusterSecretStores.map(\.name) == ["a"])
    try directory.write("a.yaml", store("a") + comment + "#")
    let larger = ManifestLoader.load(directory: directory.path, limits: limits)
    #expect(
      larger.diagnostics.map(\.description)
        == ["\(directory.path)/a.yaml:1: the file is larger than 1 MiB; split it"])
  }

  @Test("a file that the system gives in its own pieces, and says to be empty, is read to its end")
  func sizeUnknown() throws {
    let directory = try ManifestDirectory()
    try directory.link("a.yaml", to: "/proc/self/limits")
    let problem = try #require(directory.load().diagnostics.first?.description)
    #expect(problem.hasPrefix("\(directory.path)/a.yaml:"))
    #expect(!problem.contains("cannot be read"))
  }

  @Test("a directory that is not there is an error, an empty one a warning, a single file is read")
  func roots() throws {
    let directory = try ManifestDirectory(["a.yaml": store("a"), "empty/x.txt": ""])
    #expect(
      ManifestLoader.load(directory: directory.path + "/nowhere").diagnostics.map(\.description)
        == ["\(directory.path)/nowhere: no such directory; give the directory that holds the manifests"])
    let empty = ManifestLoader.load(directory: directory.path + "/empty").diagnostics
    #expect(empty.map(\.isError) == [false])
    #expect(
      empty.map(\.description) == [
        "\(directory.path)/empty: warning: holds no manifests; add files that end in `.yaml`, `.yml` or `.json`"
      ])
    let (manifests, diagnostics) = ManifestLoader.load(directory: directory.path + "/a.yaml")
    #expect(diagnostics == [])
    #expect(manifests.clusterSecretStores.map(\.name) == ["a"])
    #expect(
      ManifestLoader.load(directory: directory.path + "/").manifests.clusterSecretStores.map(\.location.file)
        == [directory.path + "/a.yaml"])
  }
}
