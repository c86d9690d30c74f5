/// An ExternalSecret whose values come through a FederationStore.
///
/// `external-secrets.io/v1` and `v1beta1`, namespaced.
public struct ExternalSecretResource: Sendable, Equatable {
  /// When the values are fetched again: `spec.refreshPolicy`.
  public enum RefreshPolicy: String, Sendable, CaseIterable {
    /// After each interval, and when the ExternalSecret changes.
    case periodic = "Periodic"
    /// When the ExternalSecret changes.
    case onChange = "OnChange"
    /// Once.
    case createdOnce = "CreatedOnce"
  }

  /// `metadata.namespace`, `default` where the manifest names none.
  public var namespace: String
  /// `metadata.name`.
  public var name: String
  /// `metadata.labels`.
  public var labels: [String: String]
  /// `metadata.annotations`.
  public var annotations: [String: String]
  /// `spec.refreshPolicy`.
  public var refreshPolicy: RefreshPolicy
  /// `spec.refreshInterval` in seconds; 0 for once.
  public var refreshSeconds: Double
  /// `spec.secretStoreRef.name`: the FederationStore in the same namespace.
  public var store: String
  /// `spec.target`.
  public var target: ExternalSecretTarget
  /// `spec.data` as a JSON array, empty for none.
  public var data: [UInt8]
  /// `spec.dataFrom` as a JSON array, empty for none.
  public var dataFrom: [UInt8]
  /// Labels, annotations and spec in one spelling: two are the same when nothing that matters differs.
  public var fingerprint: [UInt8]
  /// The manifest's first line.
  public var location: SourceLocation
}

/// `spec.target` of an ExternalSecret: the Secret that is made.
public struct ExternalSecretTarget: Sendable, Equatable {
  /// `creationPolicy`.
  public enum CreationPolicy: String, Sendable, CaseIterable {
    /// The Secret belongs to the ExternalSecret, and goes with it.
    case owner = "Owner"
    /// The Secret is made, and stays.
    case orphan = "Orphan"
    /// The keys go into a Secret that is there.
    case merge = "Merge"
    /// No Secret is written.
    case none = "None"
  }

  /// `deletionPolicy`: what happens when the store has nothing more of what is asked for.
  public enum DeletionPolicy: String, Sendable, CaseIterable {
    /// The Secret stays as it is.
    case retain = "Retain"
    /// The Secret goes.
    case delete = "Delete"
    /// The keys go.
    case merge = "Merge"
  }

  /// `name`: the ExternalSecret's where none is given.
  public var name: String
  /// `creationPolicy`.
  public var creationPolicy: CreationPolicy
  /// `deletionPolicy`.
  public var deletionPolicy: DeletionPolicy
  /// `immutable`.
  public var isImmutable: Bool
  /// `template`.
  public var template: SecretTemplate?
}

/// `spec.target.template`, `engineVersion: v2`.
public struct SecretTemplate: Sendable, Equatable {
  /// `type` of the Secret; nil for `Opaque`.
  public var type: String?
  /// `metadata.labels`: templates.
  public var labels: [String: String]
  /// `metadata.annotations`: templates.
  public var annotations: [String: String]
  /// `data`: templates by key.
  public var data: [String: String]
  /// Whether `mergePolicy` is `Merge`: values without a template of their own stay.
  public var mergesData: Bool
}
