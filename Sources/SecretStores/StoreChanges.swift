/// How it becomes known that a store's values may have changed.
public enum StoreChanges: Sendable {
  /// They stay as they are for as long as this store object is in use: they stand in the manifests.
  case never
  /// The function gives another number whenever any value may have changed, cheaply; nil when it cannot tell now.
  case marked(@Sendable () async -> Int64?)
  /// Only reading a value tells.
  case untold

  /// Whether values need not be read again just to see whether they have changed.
  public var isTold: Bool { if case .untold = self { false } else { true } }
}
