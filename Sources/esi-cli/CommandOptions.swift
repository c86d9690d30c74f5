/// The values of the flags, as written; ``CommandOption/all`` names each.
struct CommandOptions {
  var mode = ""
  var namespace = "default"
  var externalSecrets: [String] = []
  var injectOnEnv: [String] = []
  var injectOnFile: [String] = []
  var binaryPath = ""
  var args = ""
  var daemonRefreshInterval = "2m"
  var fileMode = "0600"
  var fileOwner = ""
  var onChangeCommand = ""
  var onChangeArgs = ""
  var onChangeTimeout = "30s"
  var onChangeSignal = ""

  var federatedServerURL = ""
  var federatedStore = ""
  var federatedGenerators: [String] = []
  var federatedGeneratorNamespace = ""
  var federatedGeneratorKind = ""
  var federatedToken = "/var/run/secrets/kubernetes.io/serviceaccount/token"
  var federatedCACertificate = CommandOptions.defaultCACertificate
  var federatedAuth = "kubernetes"
  var federatedAuthCACertificate = ""
  var federatedTransport = "auto"
  var federatedTimeout = "30s"
  var federatedSocketPath = ""
  var federatedServerSpiffeID = ""
  var spiffeSVID = ""
  var spiffeKey = ""
  var spiffeBundle = ""
  /// `$SPIFFE_ENDPOINT_SOCKET`; empty where it is not set.
  var spiffeEndpointSocket = ""
  var workloadToken = ""
  var workloadTokenPath = ""

  var oktaClientID = ""
  var oktaPrivateKey = ""
  var oktaDomain = ""
  var oktaAuthServer = ""
  var oktaScopes = ""
  var oktaKeyID = ""

  var pingIdentityClientID = ""
  var pingIdentityPrivateKey = ""
  var pingIdentityRegion = ""
  var pingIdentityEnvironmentID = ""
  var pingIdentityScopes = ""
  var pingIdentityKeyID = ""
  var pingIdentityIssuer = ""

  var help = false
  var version = false

  static let defaultCACertificate = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"

  /// The arguments that a flag's value lists: split at every comma, empty ones kept.
  static func argumentList(_ text: String) -> [String] {
    text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
