import Foundation
import JSON
import Testing

/// Texts changed at random: never a crash, and never a reading that another parser does not share.
@Suite struct JSONMutationTests {
  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
  }

  private static let seeds = [
    #"{"iss":"https://a.test","sub":"system:serviceaccount:a:b","aud":["x"],"exp":1800000000,"kubernetes.io":{"pod":{}}}"#,
    #"[0,-1.5e+10,1E-2,true,false,null,"\u00e9\ud83d\ude00é😀\\\"\/\b\f\n\r\t",[],{},[[{"a":[{}]}]]]"#,
    #" { "a" : [ 1 , 2 ] , "b" : { "c" : "d" } , "" : 12345678901234567890 } "#,
  ]
  private static let alphabet = Array("{}[]:,\"\\/bfnrtu0123456789.eE+-truefalsn \t\n\u{1}é\u{301}".utf8)

  @Test("what is read from a changed text is what Foundation reads", arguments: 0..<8)
  func differential(seed: UInt64) throws {
    var random = Random(state: seed)
    var accepted = 0
    for _ in 0..<500 {
      let text = mutated(Array(Self.seeds.randomElement(using: &random)?.utf8 ?? "".utf8), &random)
      guard let value = try? JSONValue.parse(text) else { continue }
      accepted += 1
      let other = try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
      #expect(isSame(value, other), "\(String(decoding: text, as: UTF8.self))")
      #expect(try JSONValue.parse(value.encoded()) == value)
    }
    #expect(accepted > 25)
  }

  private func mutated(_ text: [UInt8], _ random: inout Random) -> [UInt8] {
    var text = text
    for _ in 0..<Int.random(in: 1...3, using: &random) where !text.isEmpty {
      let place = Int.random(in: 0..<text.count, using: &random)
      let end = min(text.count, place + Int.random(in: 1...8, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: text.remove(at: place)
      case 1: text.insert(Self.alphabet.randomElement(using: &random) ?? 0, at: place)
      case 2: text[place] = Self.alphabet.randomElement(using: &random) ?? 0
      case 3: text[place] = UInt8.random(in: 0...255, using: &random)
      case 4: text.insert(contentsOf: text[place..<end], at: Int.random(in: 0...text.count, using: &random))
      default: text.removeSubrange(place..<end)
      }
    }
    return text
  }

  private func isSame(_ value: JSONValue, _ other: Any) -> Bool {
    switch value {
    case .null: other is NSNull
    case .bool(let bool): other as? Bool == bool
    case .number(let number):
      // Foundation reads long numbers as decimals and rounds them more than once.
      (other as? NSNumber).map { abs($0.doubleValue - number) <= 1e-14 * abs(number) } ?? false
    case .string(let text): (other as? String).map { $0.utf8.elementsEqual(text.utf8) } ?? false
    case .array(let values):
      (other as? [Any]).map { $0.count == values.count && zip(values, $0).allSatisfy(isSame) } ?? false
    case .object(let members):
      (other as? [String: Any]).map { others in
        // Foundation's names are the same when they are canonically equal, so that it may hold fewer.
        others.count <= members.count
          && members.allSatisfy { name, value in
            others.contains { $0.key.utf8.elementsEqual(name.text.utf8) && isSame(value, $0.value) }
              || others.count < members.count
          }
      } ?? false
    }
  }
}
