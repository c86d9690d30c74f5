extension FuzzTarget {
  /// All of them, for the runner and for the replay of the corpus.
  static let all: [FuzzTarget] = [
    .ttrpcFrames, .ttrpcEnvelopes, .ttrpcServer, .http1Requests, .http1ImmediateHead, .http1ChunkedBody, .http1Server,
    .http2Server, .grpcMessages, .grpcMetadata, .protobufGetSecret, .protobufBatchGetSecrets, .protobufWatchSecrets,
    .protobufResolveExternalSecret, .protobufGenerators, .protobufAnswers, .jsonValue, .jsonProperty, .jsonLiterals,
    .jwt, .jwtClaims, .jwks, .pemCertificates, .pemPrivateKey, .publicKey, .base64, .yaml, .serverManifests,
    .agentManifests, .kubeconfig, .template, .regularExpression, .gatewayBodies, .gatewayRoutes, .times, .urls,
    .webhookExpressions, .names, .postgreSQLURL, .kubernetesLines,
    .svidCertificates, .trustBundles, .workloadAPIResponse, .workloadAPIAddress, .storeManifests, .vaultAnswers,
    .awsAnswers, .gcpAnswers, .kubernetesAnswers, .webhookAnswers, .errorStatus, .awsProfile, .gcpCredential,
  ]
}
