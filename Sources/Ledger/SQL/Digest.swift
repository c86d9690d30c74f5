import Crypto

/// SHA-256 over several texts in lower-case hexadecimal, so that equal digests mean equal members.
///
/// Each member is preceded by its length: no member can hold what separates it from the next. It keeps unique keys
/// short as well, since PostgreSQL's index takes no more than some 2,700 bytes.
enum Digest {
  static func of(_ members: [String?]) -> String {
    var bytes: [UInt8] = []
    for member in members {
      guard let member else {
        bytes += "-;".utf8
        continue
      }
      bytes += "\(member.utf8.count):".utf8
      bytes += member.utf8
    }
    return Hexadecimal.encode(SHA256.digest(bytes))
  }
}
