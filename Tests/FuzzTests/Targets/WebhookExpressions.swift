@testable import Resources

extension FuzzTarget {
  /// A webhook's template and its result's path are written so that they read the same.
  static let webhookExpressions = FuzzTarget(text: "webhook-expressions") { text in
    if let template = try? WebhookTemplate(parsing: text) {
      let again = try WebhookTemplate(parsing: template.parts.map(written).joined())
      try hold(again == template, "a template comes back")
    }
    guard let path = try? WebhookResultPath(parsing: text) else { return }
    try hold(path.steps.count <= WebhookResultPath.maximumSteps, "a path is bounded")
    let steps = path.steps.map { step in
      switch step {
      case .member(let name): "['\(name)']"
      case .index(let index): "[\(index)]"
      }
    }
    let text = "$" + steps.joined()
    // Brackets and quotes can make it longer than a path may be.
    if text.utf8.count <= 1_024 { try hold(try WebhookResultPath(parsing: text) == path, "a path comes back") }
  }

  private static func written(_ part: WebhookTemplate.Part) -> String {
    switch part {
    case .text(let text): return text
    case .reference(let reference):
      let pieces = [".\(reference.secret).\(reference.key)"] + reference.filters.map(\.rawValue)
      return "{{ \(pieces.joined(separator: " | ")) }}"
    }
  }
}
