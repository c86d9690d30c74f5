/// Why a webhook cannot be asked, or what it answered not be used. None holds a value.
package enum WebhookFault: Error, Equatable {
  /// A Secret, or a key of one, that is not there.
  case missingSecret
  /// Anything else, in words that callers may see.
  case unusable(String)
  /// What the caller asks for cannot stand where the template puts it.
  case unfitKey
  /// What the caller asks for would lead out of its place in the URL's path.
  case dotSegment
}
