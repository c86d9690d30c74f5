import YAML

extension SSHKeySpec {
  static let fields = ["keyType", "keySize", "comment"]
  private static let sizes = [2_048, 3_072, 4_096]

  private enum KeyTypeName: String, CaseIterable { case rsa, ed25519 }

  /// Reads `spec`; nil when something in it was reported.
  init?(_ spec: MappingReader) {
    let type: KeyTypeName? = spec.choice("keyType", default: .rsa)
    let size = spec.integer("keySize", in: 1...65_536, default: 2_048)
    let comment = spec.line("comment", default: "", maximum: 1_024)
    guard let type, let size, let comment else { return nil }
    if type == .ed25519 {
      if let entry = spec.optional("keySize") {
        spec.report.warning(entry.keyLine, "`spec.keySize` has no effect on an ed25519 key; remove it")
      }
      self.init(keyType: .ed25519, comment: comment)
      return
    }
    guard Self.sizes.contains(size) else {
      spec.report.error(
        spec.optional("keySize")?.value.line ?? spec.line, "`spec.keySize` must be 2048, 3072 or 4096, not \(size)")
      return nil
    }
    self.init(keyType: .rsa(bits: size), comment: comment)
  }
}
