/// `spec` of a generator of kind `Webhook`, and `provider.webhook` of a store: whatever an HTTPS server answers.
public struct WebhookSpec: Sendable, Hashable {
  /// A header field of the request.
  public struct Header: Sendable, Hashable {
    /// Its name (RFC 9110 section 5.1).
    public var name: String
    /// Its value.
    public var value: WebhookTemplate

    /// Makes a field.
    public init(name: String, value: WebhookTemplate) {
      self.name = name
      self.value = value
    }
  }

  /// A Secret as templates see it: `{{ .name.key }}`.
  public struct TemplateSecret: Sendable, Hashable {
    /// How templates name it.
    public var name: String
    /// The Secret's namespace, which is the generator's own.
    public var namespace: String
    /// The Secret's name.
    public var secret: String
    /// The one entry that templates may use; nil for all.
    public var key: String?

    /// Makes an entry.
    public init(name: String, namespace: String, secret: String, key: String? = nil) {
      self.name = name
      self.namespace = namespace
      self.secret = secret
      self.key = key
    }
  }

  /// GET, POST, PUT, PATCH or DELETE.
  public var method: String
  /// Where to; what it gives is a ``WebhookURL``.
  public var url: WebhookTemplate
  /// The fields in the order of the manifest.
  public var headers: [Header]
  /// What is sent; nil for nothing.
  public var body: WebhookTemplate?
  /// How long the exchange may take, in seconds: more than 0, at most 60.
  public var timeoutSeconds: Double
  /// Which part of the answer counts; nil for all of it, which a store then takes as it is.
  public var resultPath: WebhookResultPath?
  /// What templates may refer to.
  public var secrets: [TemplateSecret]
  /// What verifies the server; the system's roots when there is none.
  public var trust: TLSTrust?

  /// Makes a spec without checking it.
  public init(
    method: String = "GET", url: WebhookTemplate, headers: [Header] = [], body: WebhookTemplate? = nil,
    timeoutSeconds: Double = 10, resultPath: WebhookResultPath? = nil,
    secrets: [TemplateSecret] = [], trust: TLSTrust? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeoutSeconds = timeoutSeconds
    self.resultPath = resultPath
    self.secrets = secrets
    self.trust = trust
  }
}
