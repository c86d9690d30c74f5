/// What a reader has to remember of a text: which arrays and objects are open, and the names of the objects' members.
///
/// One stack for both, outermost first.
struct JSONStack: ~Copyable {
  /// For an open container, in place of a name's length; its `offset` is then the place of the container around it.
  private static let arrayMark = -1
  private static let objectMark = -2

  private var entries: [JSONText] = []
  /// How many containers are open.
  private(set) var depth = 0
  /// Whether the innermost open container is an array; nil when none is open.
  private(set) var isInArray: Bool?
  /// Where the innermost open container is.
  private var top = -1

  init() {
    // Enough for a token, so that nothing grows step by step.
    entries.reserveCapacity(24)
  }

  subscript(index: Int) -> JSONText { entries[index] }

  /// The places of the innermost container's names.
  var names: Range<Int> { top + 1..<entries.count }

  mutating func open(isArray: Bool) {
    entries.append(JSONText(offset: top, count: isArray ? Self.arrayMark : Self.objectMark, isDecoded: false))
    top = entries.count - 1
    depth += 1
    isInArray = isArray
  }

  mutating func push(_ name: JSONText) { entries.append(name) }

  /// Forgets the innermost container and its names.
  mutating func close() {
    let outer = entries[top].offset
    entries.removeLast(entries.count - top)
    top = outer
    depth -= 1
    isInArray = outer < 0 ? nil : entries[outer].count == Self.arrayMark
  }
}
