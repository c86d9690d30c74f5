import Kubernetes
import Resources
import Testing

@testable import FederationServer

/// What is new about an object.
@Suite struct ClusterObjectsTests {
  private let kind = FakeCluster.kind("ClusterSecretStore")

  @Test("a new status, label or version alone is no new content, and an older state is nothing")
  func changes() {
    var objects = ClusterObjects()
    var labelled = ClusterExamples.store(version: 4)
    labelled.setMetadata("labels", ["a": "b"])
    let told: [(object: KubernetesObject, change: ClusterObjects.Change)] = [
      (ClusterExamples.store(version: 2), .content),
      (ClusterExamples.store(version: 3, status: ["conditions": []]), .status),
      (labelled, .status),
      (ClusterExamples.store(value: "old", version: 3), .nothing),
      (ClusterExamples.store(version: 4), .nothing),
      (ClusterExamples.store(value: "two", version: 5), .content),
    ]
    let changes = told.map { objects.note($0.object, as: kind.versions[0], of: kind) }
    #expect(changes == told.map(\.change))
  }

  @Test("what annotations tell this server is content, and others are not")
  func annotations() {
    var objects = ClusterObjects()
    _ = objects.note(ClusterExamples.store(version: 1), as: kind.versions[0], of: kind)
    var applied = ClusterExamples.store(version: 2)
    applied.setMetadata("annotations", ["kubectl.kubernetes.io/last-applied-configuration": "{}"])
    let before = objects.note(applied, as: kind.versions[0], of: kind)
    #expect(before == .status)
    var lasting = ClusterExamples.store(version: 3)
    lasting.setMetadata("annotations", ["federation.external-secrets.io/max-stale": "0s"])
    let after = objects.note(lasting, as: kind.versions[0], of: kind)
    #expect(after == .content)
    let read = ManifestLoader.read(objects.manifests, secrets: []) { _ in false }
    #expect(read.manifests.clusterSecretStores.map(\.caching.maximumStaleSeconds) == [0])
  }

  @Test("another object of the same name is new content, and its forerunner's end is not its own")
  func sameName() {
    var objects = ClusterObjects()
    _ = objects.note(ClusterExamples.store(version: 5), as: kind.versions[0], of: kind)
    var other = ClusterExamples.store(version: 1)
    other.setMetadata("uid", "another")
    let change = objects.note(other, as: kind.versions[0], of: kind)
    #expect(change == .content)
    let forerunner = objects.forget(ObjectIdentity(namespace: nil, name: "vault", uid: "uid-vault"), of: kind)
    #expect(!forerunner)
    #expect(objects.manifests.map(\.title) == ["ClusterSecretStore/vault"])
    let own = objects.forget(ObjectIdentity(namespace: nil, name: "vault", uid: "another"), of: kind)
    #expect(own)
    #expect(objects.manifests.isEmpty)
  }
}
