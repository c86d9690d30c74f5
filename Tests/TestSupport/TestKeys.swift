import Crypto
import Synchronization

/// One key for each kind, made once a test run: an RSA key takes long to make.
public enum TestKeys {
  private static let made = Mutex<[KeyType: PrivateKey]>([:])

  /// The run's key that fits `algorithm`.
  public static func key(for algorithm: SignatureAlgorithm) throws -> PrivateKey {
    try made.withLock { keys in
      if let key = keys[algorithm.keyType] { return key }
      let key = try PrivateKey.generate(for: algorithm)
      keys[algorithm.keyType] = key
      return key
    }
  }
}
