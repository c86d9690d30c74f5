extension JSONReader {
  /// Up to this many names each is held against each other; a table would take longer.
  private static let maximumPairwise = 16

  /// Whether two names of the object that ends are the same once decoded.
  func hasDuplicateNames(in text: RawSpan) -> Bool {
    let names = stack.names
    guard names.count > Self.maximumPairwise else {
      for later in names {
        for earlier in names.lowerBound..<later where isEqual(stack[earlier], stack[later], in: text) { return true }
      }
      return false
    }
    // Open addressing, at most half full. The hash is seeded anew in each process, so that nobody can aim at it.
    let bits = Int.bitWidth - names.count.leadingZeroBitCount + 1
    var table = [Int](repeating: -1, count: 1 << bits)
    for index in names {
      var slot = hash(of: stack[index], in: text) & (table.count - 1)
      while table[slot] >= 0 {
        if isEqual(stack[table[slot]], stack[index], in: text) { return true }
        slot = (slot + 1) & (table.count - 1)
      }
      table[slot] = index
    }
    return false
  }

  private func hash(of name: JSONText, in text: RawSpan) -> Int {
    var hasher = Hasher()
    withBytes(of: name, in: text) { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    return hasher.finalize()
  }
}
