extension Set {
  /// Whether `element` is in the set.
  ///
  /// Most sets here hold one name, and to hash a name takes longer than to compare it with a few.
  public func holds(_ element: Element) -> Bool {
    guard count <= 4 else { return contains(element) }
    for other in self where other == element { return true }
    return false
  }
}
