/// The part of Go's package fmt that templates print with.
enum GoFormat {
  /// `print`: spaces stand between arguments of which neither is a text.
  static func printed(_ values: [TemplateValue], _ budget: inout TemplateBudget) throws(TemplateFault) -> [UInt8] {
    var result: [UInt8] = []
    var lastIsText = true
    for value in values {
      var isText = false
      if case .text = value { isText = true }
      if !result.isEmpty, !isText, !lastIsText { result.append(0x20) }
      result += value.printed
      lastIsText = isText
    }
    try budget.handle(result.count)
    return result
  }

  /// `printf` with the verbs `%s %v %d %q %t %x %%`, each with `-`, `0` and a width where it makes sense. Others are
  /// refused, as are too few or too many values.
  static func formatted(
    _ format: [UInt8], _ values: [TemplateValue], _ budget: inout TemplateBudget
  ) throws(TemplateFault) -> [UInt8] {
    var result: [UInt8] = []
    var rest = values[...]
    var place = format[...]
    while let byte = place.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        result.append(byte)
        continue
      }
      let directive = try directive(&place)
      if directive.verb == UInt8(ascii: "%") {
        result.append(directive.verb)
        continue
      }
      guard let value = rest.popFirst() else { throw TemplateFault("the format has more verbs than there are values") }
      let text = try text(of: value, directive)
      try budget.handle(text.count)
      result += text
    }
    guard rest.isEmpty else { throw TemplateFault("the format has fewer verbs than there are values") }
    return result
  }

  private struct Directive {
    var isLeft = false
    var isZeroPadded = false
    var width = 0
    var verb: UInt8 = 0
  }

  private static func directive(_ place: inout ArraySlice<UInt8>) throws(TemplateFault) -> Directive {
    var directive = Directive()
    while let flag = place.first, flag == UInt8(ascii: "-") || flag == UInt8(ascii: "0") {
      if flag == UInt8(ascii: "-") { directive.isLeft = true } else { directive.isZeroPadded = true }
      place.removeFirst()
    }
    while let digit = place.first, (0x30...0x39).contains(digit) {
      directive.width = directive.width * 10 + Int(digit - 0x30)
      guard directive.width <= 1_000 else { throw TemplateFault("a width is larger than 1000") }
      place.removeFirst()
    }
    guard let verb = place.popFirst() else { throw TemplateFault("the format ends with %") }
    guard "svdqtx%".utf8.contains(verb) else {
      throw TemplateFault("the format has a verb that does not work; those that do are %s %v %d %q %t %x %%")
    }
    directive.verb = verb
    return directive
  }

  private static func text(of value: TemplateValue, _ directive: Directive) throws(TemplateFault) -> [UInt8] {
    let text: [UInt8]
    switch (directive.verb, value) {
    case (UInt8(ascii: "s"), .text), (UInt8(ascii: "v"), _): text = value.printed
    case (UInt8(ascii: "q"), .text(let bytes)): text = GoQuoting.quoted(bytes)
    case (UInt8(ascii: "d"), .integer(let number)): text = Array(String(number).utf8)
    case (UInt8(ascii: "x"), .integer(let number)): text = Array(String(number, radix: 16).utf8)
    case (UInt8(ascii: "x"), .text(let bytes)): text = bytes.flatMap { hexadecimal($0) }
    case (UInt8(ascii: "t"), .bool): text = value.printed
    case (UInt8(ascii: "s"), .list), (UInt8(ascii: "s"), .map): text = value.printed
    default: throw TemplateFault("%\(Character(Unicode.Scalar(directive.verb))) does not fit \(value.kind)")
    }
    let missing = max(0, directive.width - String(decoding: text, as: UTF8.self).unicodeScalars.count)
    guard missing > 0 else { return text }
    if directive.isLeft { return text + [UInt8](repeating: 0x20, count: missing) }
    guard directive.isZeroPadded else { return [UInt8](repeating: 0x20, count: missing) + text }
    let zeros = [UInt8](repeating: 0x30, count: missing)
    if case .integer(let number) = value, number < 0 { return [0x2D] + zeros + text.dropFirst() }
    return zeros + text
  }

  private static func hexadecimal(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
  }
}
