import FoundationEssentials
import SecretStores

/// The answer of `secret list`, for people and for programs.
struct SecretListing {
  let secrets: [LocalSecret]

  /// One line a key below a line of titles, columns padded to their widest entry.
  var table: String {
    let rows = secrets.map { [$0.store, $0.key, "\($0.version)", $0.created] }
    return TextTable(rows: [["STORE", "KEY", "VERSION", "CREATED"]] + rows).text
  }

  /// An array of objects with `store`, `key`, `version` and `created` (RFC 3339, UTC).
  var json: String {
    struct Entry: Encodable {
      let store: String
      let key: String
      let version: Int
      let created: String
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let entries = secrets.map { Entry(store: $0.store, key: $0.key, version: $0.version, created: $0.created) }
    let data = (try? encoder.encode(entries)) ?? Data("[]".utf8)
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

extension LocalSecret {
  fileprivate var created: String { Timestamp.text(seconds: createdAtSeconds) }
}
