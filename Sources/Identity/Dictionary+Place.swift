extension Dictionary {
  /// Where `key` is, nil when it is not there. The tables of issuers mostly have one entry, and to compare with that
  /// takes less than to hash.
  func place(of key: Key) -> Index? {
    if count == 1 { return keys[startIndex] == key ? startIndex : nil }
    return index(forKey: key)
  }
}
