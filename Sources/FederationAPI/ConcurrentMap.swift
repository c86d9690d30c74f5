extension Array where Element: Sendable {
  /// What `transform` makes of each element, in their order, `maximum` of them at once: one that takes long holds up no other.
  ///
  /// Once the task is cancelled no further one is begun. Those that were not, the last ones, have no value.
  public func concurrentMap<Value: Sendable>(
    atMost maximum: Int, _ transform: @escaping @Sendable (Element) async -> Value
  ) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
      var values: [Int: Value] = [:]
      for (index, element) in enumerated() {
        if index >= maximum {
          if let (done, value) = await group.next() { values[done] = value }
          if Task.isCancelled { break }
        }
        group.addTask { (index, await transform(element)) }
      }
      for await (done, value) in group { values[done] = value }
      return indices.compactMap { values[$0] }
    }
  }
}
