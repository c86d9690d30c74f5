/// The requests of one run, ready to be sent but for a few bytes that are written over in place.
///
/// A request is a head, which names store and key, and a tail, which holds the token. There is one head for each store
/// and number of digits that a key may have, and one tail for each token, whatever the number of connections.
struct RequestParts {
  /// What ends in a key's digits, and may go on behind them.
  struct Head {
    var bytes: [UInt8]
    /// Just behind the key's last digit.
    var digitsEnd: Int
  }

  /// Keys of one store; the next ones are in the next store. Nil when all are in one.
  let keysPerStore: Int?
  private let store: String
  private let make: (_ store: String, _ key: String) -> Head
  private var heads: [Head?] = []
  private static let digitsLimit = 20

  init(store: String, keysPerStore: Int?, make: @escaping (_ store: String, _ key: String) -> Head) {
    self.store = store
    self.keysPerStore = keysPerStore
    self.make = make
  }

  /// Where the head for `key` is, with the key's digits in place.
  mutating func prepare(key: Int) -> Int {
    let storeIndex = keysPerStore.map { key / $0 } ?? 0
    let digits = decimalDigits(of: key)
    let index = storeIndex * Self.digitsLimit + digits
    while index >= heads.count { heads.append(nil) }
    if heads[index] == nil { heads[index] = make(StoreNames.name(store, storeIndex), "key-\(key)") }
    write(digitsOf: key, to: index)
    return index
  }

  /// Lends the head at `index` to be changed and sent.
  mutating func withHead(_ index: Int, _ body: (inout [UInt8]) -> Void) {
    if heads[index] != nil { body(&heads[index]!.bytes) }
  }

  private mutating func write(digitsOf key: Int, to index: Int) {
    guard var place = heads[index]?.digitsEnd else { return }
    var rest = key
    repeat {
      place -= 1
      heads[index]!.bytes[place] = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
      rest /= 10
    } while rest > 0
  }
}

/// The names of stores when the keys are spread over several: a manifest file holds 128 MiB at most.
package enum StoreNames {
  /// The first store has the plain name, the others a number behind it.
  package static func name(_ base: String, _ index: Int) -> String { index == 0 ? base : "\(base)-\(index)" }
}
