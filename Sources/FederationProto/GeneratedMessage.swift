import CFederationProto

/// What protoc-c gives for every message: a C struct that starts with its descriptor.
protocol GeneratedMessage {
  init()
  /// The struct's first member.
  var base: ProtobufCMessage { get set }
  /// The generated function that sets the descriptor and the defaults.
  static func initialize(_ message: UnsafeMutablePointer<Self>)
}

extension GeneratedMessage {
  /// A message with every field at its default.
  static func make() -> Self {
    var message = Self()
    initialize(&message)
    return message
  }
}

extension Federation__V1__GetSecretRequest: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) { federation__v1__get_secret_request__init(message) }
}

extension Federation__V1__GetSecretResponse: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) { federation__v1__get_secret_response__init(message) }
}

extension Federation__V1__AuthenticateRequest: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) { federation__v1__authenticate_request__init(message) }
}

extension Federation__V1__AuthenticateResponse: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) { federation__v1__authenticate_response__init(message) }
}

extension Federation__V1__GenerateRequest: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) { federation__v1__generate_request__init(message) }
}

extension Federation__V1__GenerateResponse: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) { federation__v1__generate_response__init(message) }
}

extension Federation__V1__RevokeSelfRequest: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) { federation__v1__revoke_self_request__init(message) }
}

extension Federation__V1__RevokeCredentialsRequest: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) {
    federation__v1__revoke_credentials_request__init(message)
  }
}

extension Federation__V1__SecretReference: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) { federation__v1__secret_reference__init(message) }
}

extension Federation__V1__Error: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) { federation__v1__error__init(message) }
}

extension Federation__V1__BatchGetSecretsRequest: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) {
    federation__v1__batch_get_secrets_request__init(message)
  }
}

extension Federation__V1__BatchGetSecretsResponse: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) {
    federation__v1__batch_get_secrets_response__init(message)
  }
}

extension Federation__V1__WatchSecretsRequest: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) { federation__v1__watch_secrets_request__init(message) }
}

extension Federation__V1__WatchSecretsResponse: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) {
    federation__v1__watch_secrets_response__init(message)
  }
}

extension Federation__V1__ResolveExternalSecretRequest: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) {
    federation__v1__resolve_external_secret_request__init(message)
  }
}

extension Federation__V1__ResolveExternalSecretResponse: GeneratedMessage {
  static func initialize(_ message: UnsafeMutablePointer<Self>) {
    federation__v1__resolve_external_secret_response__init(message)
  }
}
