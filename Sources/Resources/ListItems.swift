import YAML

/// The items of one list of a manifest; a list may have a million, so nothing is made for an item until it is read.
struct ListItems: RandomAccessCollection {
  /// An item and where it stands.
  struct Item {
    var node: YAMLNode
    fileprivate var list: FieldPath
    fileprivate var index: Int

    var path: FieldPath { .item(list, index) }
    /// How messages name it.
    var name: String { path.name }
  }

  private let nodes: [YAMLNode]
  private let path: FieldPath

  init(_ nodes: [YAMLNode], path: FieldPath) {
    self.nodes = nodes
    self.path = path
  }

  var startIndex: Int { nodes.startIndex }
  var endIndex: Int { nodes.endIndex }
  subscript(index: Int) -> Item { Item(node: nodes[index], list: path, index: index) }
}
