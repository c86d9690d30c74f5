import YAML

extension FuzzTarget {
  /// Documents keep the limits, and every line that is named is one of the text's.
  static let yaml = FuzzTarget("yaml") { bytes in
    let documents = yamlDocuments(bytes)
    for document in documents {
      // 20, that there are more, and what ended the document.
      try hold(document.problems.count <= 22, "problems are bounded")
      for problem in document.problems {
        try hold((0...bytes.count + 1).contains(problem.line), "a problem stands in the text: \(problem)")
      }
      if let root = document.root { try checkTree(root, depth: 1, lines: bytes.count + 1) }
    }
    try hold(documents == yamlDocuments(bytes), "a text means one thing")
  }

  /// The documents of a text, with limits that an input can reach.
  static func yamlDocuments(_ bytes: [UInt8]) -> [YAMLDocument] {
    var limits = YAMLLimits()
    limits.values = 1_000
    limits.problems = 20
    var documents: [YAMLDocument] = []
    var texts = RepeatedText()
    YAMLStream.read(bytes.span.bytes, limits: limits, reusing: &texts) { documents.append($0) }
    return documents
  }

  private static func checkTree(_ node: YAMLNode, depth: Int, lines: Int) throws {
    try hold(depth <= YAMLLimits.depth + 1, "a tree's depth is bounded")
    try hold((1...lines).contains(node.line), "a value stands in the text")
    switch node.content {
    case .scalar: break
    case .sequence(let items): for item in items { try checkTree(item, depth: depth + 1, lines: lines) }
    case .mapping(let entries): for entry in entries { try checkTree(entry.value, depth: depth + 1, lines: lines) }
    }
  }
}
