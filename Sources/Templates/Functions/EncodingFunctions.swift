import Crypto
import FederationAPI
import FoundationEssentials
import JSON

extension TemplateFunction {
  /// Encodings and digests.
  static let encodingFunctions: [String: TemplateFunction] = [
    "b64enc": TemplateFunction(1) { (arguments, _) throws(TemplateFault) in
      .text(Data(try arguments[0].bytes()).base64EncodedString())
    },
    "b64dec": TemplateFunction(1) { (arguments, _) throws(TemplateFault) in
      guard let decoded = Base64.decode(SecretBytes(try arguments[0].bytes()), .standard) else {
        throw TemplateFault("the value is not base64")
      }
      return .text(decoded.copied)
    },
    "sha256sum": TemplateFunction(1) { (arguments, _) throws(TemplateFault) in
      .text(Hexadecimal.encode(SHA256.digest(try arguments[0].bytes())))
    },
    "toJson": TemplateFunction(1) { (arguments, _) in .text(arguments[0].json.encoded()) },
    "fromJson": TemplateFunction(1) { (arguments, budget) throws(TemplateFault) in
      let text = try arguments[0].bytes()
      do throws(JSONError) {
        return TemplateValue(try JSONValue.parse(text, maximumByteCount: budget.valueBytes))
      } catch {
        throw TemplateFault("the value is no JSON")
      }
    },
  ]
}

extension TemplateValue {
  init(_ json: JSONValue) {
    switch json {
    case .null: self = .null
    case .bool(let bool): self = .bool(bool)
    case .number(let number): self = .float(number)
    case .string(let text): self = .text(text)
    case .array(let items): self = .list(items.map { TemplateValue($0) })
    case .object(let members): self = .map(members.mapValues { TemplateValue($0) })
    }
  }

  /// Bytes that are no UTF-8 become U+FFFD, as Go has it.
  var json: JSONValue {
    switch self {
    case .null: .null
    case .bool(let bool): .bool(bool)
    case .integer(let number): .number(Double(number))
    case .float(let number): .number(number)
    case .text(let bytes): .string(String(decoding: bytes, as: UTF8.self))
    case .list(let items): .array(items.map(\.json))
    case .map(let members): .object(members.mapValues(\.json))
    }
  }
}
