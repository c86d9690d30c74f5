import FederationAPI

/// A key and the store that it is in.
struct SecretName: Hashable {
  let store: String
  let key: String

  /// For errors: `secret "db" in store "local"`.
  var quoted: String { "secret \"\(key)\" in store \"\(store)\"" }

  /// Names a reader may ask for are looked up as they are; names that are written have to be ones that the wires
  /// and the manifests can express.
  func checkForWriting() throws(LocalStoreError) {
    let storeBytes = store.utf8
    guard (1...Limits.storeName).contains(storeBytes.count), storeBytes.allSatisfy(isNameByte),
      let first = storeBytes.first, let last = storeBytes.last, isAlphanumeric(first), isAlphanumeric(last)
    else {
      throw LocalStoreError(
        .invalidName,
        "the store's name is not a Kubernetes name: use up to \(Limits.storeName) lower-case letters, digits, '-' and "
          + "'.', with a letter or digit at both ends")
    }
    let keyBytes = key.utf8
    guard (1...Limits.secretName).contains(keyBytes.count) else {
      throw LocalStoreError(
        .invalidName, "the key has \(keyBytes.count) bytes: use 1 to \(Limits.secretName)")
    }
    guard keyBytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw LocalStoreError(.invalidName, "the key holds a control character: use visible characters and spaces")
    }
  }

  /// What the cipher binds a value to, so that a row that was moved, renamed or renumbered does not open. Lengths come
  /// before texts: no two names give the same bytes.
  func sealingContext(version: Int64) -> [UInt8] {
    var context = Array("ese-federation local secret 1\n".utf8)
    for text in [store, key] {
      withUnsafeBytes(of: UInt64(text.utf8.count).bigEndian) { context.append(contentsOf: $0) }
      context.append(contentsOf: text.utf8)
    }
    withUnsafeBytes(of: version.bigEndian) { context.append(contentsOf: $0) }
    return context
  }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

private func isNameByte(_ byte: UInt8) -> Bool {
  isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
}
