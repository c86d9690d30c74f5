import FederationAPI

extension DecodingStrategy {
  /// `value` decoded, nil when it is not so encoded. CR and LF are skipped and padding is wanted, as Go has it.
  public func decode(_ value: SecretBytes) -> SecretBytes? {
    switch self {
    case .none: value
    case .base64: Base64.decode(value, .standard)
    case .base64URL: Base64.decode(value, .url)
    case .auto: Base64.decode(value, .standard) ?? Base64.decode(value, .url) ?? value
    }
  }
}
